"""What of a read may move a carton: no key that is wrong or only guessed, and of plates that cannot
all be true none."""

from dataclasses import replace

from wcs.observations import Scanned
from wcs.plates import is_plate


def believed(seen: Scanned) -> Scanned:
    """Without the codes that are in doubt; `why_not` still tells of them."""
    doubted = {mark.code for mark in seen.marks if mark.doubt}
    if not doubted:
        return seen
    return replace(seen, codes=tuple(code for code in seen.codes if code not in doubted))


def why_not(seen: Scanned) -> str:
    """Why no plate of this read can be believed, for a person; empty when nothing speaks against
    it."""
    if seen.conflict:
        return f"several plates: {', '.join(seen.conflict)}"
    doubts = (f"{mark.code}: {mark.doubt}" for mark in seen.marks if mark.doubt)
    return "; ".join(doubts) if any(is_plate(m.code) for m in seen.marks if m.doubt) else ""
