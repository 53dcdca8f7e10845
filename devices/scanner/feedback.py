"""What a hand scanner is told after the commit: a tone and a light for good, others for bad."""

from datetime import datetime
from typing import Final

from wcs.envelope import Answer

LATE_S: Final = 1.0
"""An answer later than this gets no tone: the next scan may be under way, and it would be taken for
its own."""
TONES: Final[dict[str, tuple[bytes, bytes]]] = {
    # Datalogic: good tone ESC [3q and green on ESC [6q; bad tone ESC [4q and red on ESC [8q
    "datalogic-escape": (b"\x1b[3q\x1b[6q", b"\x1b[4q\x1b[8q"),
    # Honeywell (Hand Held): ESC 7 as a good read, ESC 8 as a failed one
    "honeywell": (b"\x1b7", b"\x1b8"),
    "none": (b"", b""),
}


def reply(style: str, answer: Answer, *, read_at: datetime, now: datetime) -> bytes:
    """Bytes for the scanner, none when the answer came too late. `style` is a key of TONES.

    A good tone only for what the transaction accepted: refused and quarantined are bad.
    """
    good, bad = TONES[style]
    if (now - read_at).total_seconds() > LATE_S:
        return b""
    return good if answer.outcome == "accepted" else bad
