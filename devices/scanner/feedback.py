"""Whether the operator is told what the transaction made of a code: good, bad, or nothing."""

from datetime import datetime
from typing import Final

from wcs.envelope import Answer

LATE_S: Final = 1.0
"""An answer later than this gets no tone: the next scan may be under way, and it would be taken for
its own."""


def verdict(answer: Answer, *, read_at: datetime, now: datetime) -> bool | None:
    """True: good; None: too late to say.

    Good only what the transaction accepted: refused and quarantined are bad.
    """
    if (now - read_at).total_seconds() > LATE_S:
        return None
    return answer.outcome == "accepted"
