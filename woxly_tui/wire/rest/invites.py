"""Invites: what members make, and what lets guests in."""

from woxly_tui.wire.shape import payload


@payload
class Invite:
    """A link into a room's calls."""

    id: int
    room_id: int
    created_by: int | None
    """Null where whoever runs the server made it."""
    created_at: str
    expires_at: str
    max_uses: int
    uses: int


@payload
class NewInvite(Invite):
    """One just made: only now can its code be had."""

    code: str
    url: str


@payload
class InviteAnswer:
    invite: NewInvite


@payload
class InvitesAnswer:
    invites: list[Invite]


@payload
class InviteShownAnswer:
    """What somebody who holds a link sees before they join; the name of a DM is empty."""

    room: str
    invited_by: str | None
    people_inside: int
    expires_at: str


@payload
class GuestTokenAnswer:
    """A guest's way into the call: as LivekitTokenAnswer, and who they are."""

    token: str
    url: str
    room_name: str
    room: str
    """The room's name for people; empty for a DM."""
    identity: str
    name: str
    guest_token: str
    """Gives a fresh token for another join, until `guestUntil`."""
    guest_until: str
