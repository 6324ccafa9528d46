"""How the sound of each participant travels, for whoever looks."""

from dataclasses import dataclass

from woxly_tui.types import Identity


@dataclass(frozen=True, slots=True)
class ParticipantDetails:
    """How the sound of one participant travels, over the last second or so; our own included.

    Of the others it is what comes from the server to us; of ourselves, what the server got of us.
    None where nothing was measured, as of who sends nothing.
    """

    identity: Identity
    loss_percent: float | None = None
    jitter_ms: float | None = None
    rtt_ms: int | None = None
    """Between that participant and the server. Others tell theirs while we speak to them."""
    concealed_percent: float | None = None
    """Share of what we play that is made up for packets that did not come."""
    codec: str = ""
    """As `opus`; cleaned."""
    bitrate_kbps: float | None = None
    buffer_ms: int | None = None
    """How long sound waits in the jitter buffer before it is played."""
