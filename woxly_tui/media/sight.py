"""What is known of the sound in one room: what the monitor measures, and what the others tell."""

from dataclasses import dataclass, field

from woxly_tui.media.flow import Flows
from woxly_tui.media.link import LinkMeter


@dataclass(slots=True)
class Sight:
    """What is known of our connection, and of the sound that comes over it."""

    link: LinkMeter
    flows: Flows = field(default_factory=Flows)
    ignored: set[str] = field(default_factory=set)
    """Streams of ours that are no voice: what is played into the call."""
    is_late_needlessly: bool = False
    """All who hear us say that our sound waits at theirs for longer than it need."""
