"""The sort plan: which carton the tunnel has read, and its lane, or why it must not leave."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from wcs.leftbehind import may_leave
from wcs.leftbehind import why as why_left
from wcs.model import Carton
from wcs.names import LaneId, Lpn
from wcs.observations import Scanned
from wcs.plates import is_plate, plates_in
from wcs.ports import Tx
from wcs.records import record
from wcs.remedies import CHECK_LANE, CLEAN, ONE_PLATE, REPRINT, remedy_of
from wcs.shipping import lane_of
from wcs.site import Site, Sorter
from wcs.trust import why_not
from wcs.whereabouts import why_not_here


@record
class Read:
    """Which carton the codes are, or what a person must know to find out."""

    carton: Carton | None
    why: str = ""
    remedy: str | None = None


NO_READ: Final = Read(carton=None, why="no-read", remedy=CLEAN)


@record
class Choice:
    """A lane and why; for the hospital's, what a person can do there."""

    lane: LaneId
    why: str
    remedy: str | None = None


def identify(tx: Tx, seen: Scanned) -> Read:
    """A plate in doubt sends its carton to a person, also when another one is sure."""
    read = _identified(tx, seen.codes)
    if seen.conflict:
        return Read(carton=None, why=why_not(seen), remedy=ONE_PLATE)
    doubt = why_not(seen)
    return replace(read, why=doubt, remedy=CLEAN) if doubt else read


def _identified(tx: Tx, codes: Sequence[str]) -> Read:
    plates = plates_in(codes)
    if not plates:
        return replace(NO_READ, why=f"no plate among {', '.join(codes)}") if codes else NO_READ
    if len(plates) > 1:
        return _several(tx, plates)
    carton = tx.get(Carton, plates[0])
    if may_leave(carton, codes):
        return Read(carton=carton)
    why = why_not_here(carton, plates[0])
    return Read(carton=None, why=why, remedy=CLEAN) if why else Read(carton=carton)


def choose(read: Read, codes: Sequence[str], site: Site) -> Choice:
    """The lane of the sort plan for a carton without a fault; else the hospital's."""
    sorter, carton = site.sorter, read.carton
    if carton is None or read.why:
        return Choice(lane=sorter.hospital, why=read.why, remedy=read.remedy)
    lane, wrong = lane_of(site, carton), fault(carton, codes, sorter)
    if wrong:
        return Choice(lane=sorter.hospital, why=wrong[0], remedy=wrong[1])
    if lane is None:
        why = f"no lane takes cartons of {carton.carrier}"
        return Choice(lane=sorter.hospital, why=why, remedy=CHECK_LANE)
    left = f"{why_left(carton)}; " if carton.state == "shipped" else ""
    return Choice(lane=lane, why=f"{left}lane {lane} takes cartons of {carton.carrier}")


def fault(carton: Carton, codes: Sequence[str], sorter: Sorter) -> tuple[str, str] | None:
    """Why a carton whose plate was read must not leave, and the remedy."""
    if carton.cancelled or carton.fault:
        return carton.fault or "cancelled", carton.remedy or remedy_of(carton)
    if not carton.weight_ok:
        return "not weighed", remedy_of(carton)
    if carton.tracking is None:
        return "no label yet", remedy_of(carton)
    if carton.tracking not in codes:
        others = [code for code in codes if not is_plate(code)]
        return _label_fault(carton.tracking, others), REPRINT
    if carton.loops >= sorter.max_loops:
        return f"{carton.loops} loops", CHECK_LANE
    return None


def _label_fault(tracking: str, others: Sequence[str]) -> str:
    if not others:
        return f"label not read, expected {tracking}"
    return f"label mismatch: read {', '.join(others)}, expected {tracking}"


def _several(tx: Tx, plates: Sequence[Lpn]) -> Read:
    """A carton with a foreign plate on it is still known when only one plate is on its way."""
    known = [carton for carton in (tx.get(Carton, plate) for plate in plates) if carton]
    here = [carton for carton in known if why_not_here(carton, carton.lpn) is None]
    why = f"several plates: {', '.join(plates)}"
    return Read(carton=here[0] if len(here) == 1 else None, why=why, remedy=ONE_PLATE)
