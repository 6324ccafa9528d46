"""What the lobby says over its list, and what Enter does there."""

from typing import TYPE_CHECKING, Protocol

from woxly_tui.control.lobby import LinkState
from woxly_tui.social.model import Friend, FriendRequest, PastCall, Room
from woxly_tui.tui.actions import ACTIONS, key_name
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.lobby_view import LobbyData, LobbyRow
from woxly_tui.tui.lobby_words import link_words, shown
from woxly_tui.tui.text import plain
from woxly_tui.tui.words import full_stop
from woxly_tui.types import RoomKind, Seconds, UserId

if TYPE_CHECKING:
    from woxly_tui.tui.ring_desk import RingDesk


class _Lobby(Protocol):
    data: LobbyData
    sought: str
    marked: frozenset[UserId]


def lobby_notes(
    lobby: _Lobby, view: CallView, desk: "RingDesk", now: Seconds
) -> list[tuple[str, bool]]:
    """Sentences, the most important first; True with warnings."""
    state = lobby.data.state
    if view.is_engine_gone:
        again = "r starts it again" if view.can_revive else "start woxly again"
        return [(f"woxly's engine is gone: {again}.", True)]
    notes = [(_link_note(lobby.data, now), state.link is not LinkState.ONLINE)]
    if lobby.data.lost_room and view.snapshot.established_at is None:
        where = shown(lobby.data.lost_room)
        notes.append((f"The engine died in a call in {where}: r returns to it.", True))
    if rings := desk.aside:
        who = " and ".join(lobby.data.name_of(ring.caller) for ring in rings)
        notes.append(
            (f"{who} {'ring' if len(rings) > 1 else 'rings'}: {_key_of('incoming')} answers.", True)
        )
    if view.snapshot.established_at is not None and view.ended_at is None:
        where = shown(view.snapshot.room)
        if state.is_calling_anybody:
            where = lobby.data.call_name(state.rings.peer, state.rings.room)
        word = view.snapshot.state_word
        notes.append((f"In the call with {where}, {word}: l returns to it.", False))
    if desk.last_ending:
        notes.append((desk.last_ending, False))
    if lobby.marked:
        notes.append((f"{len(lobby.marked)} marked: g calls them as a group, Esc lets go.", False))
    if hint := _hint(lobby):
        notes.append((hint, False))
    return [note for note in notes if note[0]]


def _key_of(name: str) -> str:
    """The key of an action of the app."""
    return next(key_name(action.all_keys[0]) for action in ACTIONS if action.name == name)


def _link_note(data: LobbyData, now: Seconds) -> str:
    if data.has_state and not (data.problem and not data.state.detail):
        return link_words(data.state, now)
    return full_stop(plain(data.problem)) if data.problem else "Connecting…"


def _hint(lobby: _Lobby) -> str:
    """What to do where the list is empty."""
    data = lobby.data
    if lobby.sought:
        found = data.rows(Seconds(0.0), lobby.sought)
        return (
            "" if found else f"Nothing here matches {shown(lobby.sought)}: Enter asks the server."
        )
    if data.state.link is not LinkState.ONLINE:
        return ""
    if data.friends or data.requests:
        return ""
    own = data.state.me.woxly_id if data.state.me is not None else ""
    tell = f" Or tell a friend yours, {shown(own)}." if own else ""
    return f"No friends here yet: a looks for somebody by name or Woxly id.{tell}"


def open_label(row: LobbyRow | None) -> str:
    """What Enter does with a row."""
    match row.item if row is not None else None:
        case Friend():
            return "call"
        case FriendRequest():
            return "accept"
        case Room(kind=RoomKind.VOICE):
            return "join"
        case Room():
            return "read"
        case PastCall():
            return "call back"
    return "open"
