"""A carton that is shipped by the record and seen in the house: its load went without it.

Somebody took it out of its lane. It may as well be a second carton with the same codes, so a person
looks at it first. Nothing is told or booked anew: it is sent to its lane once more.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from wcs import errands
from wcs.model import Carton, Errand
from wcs.observations import HospitalSolved
from wcs.ports import Tx
from wcs.remedies import REINDUCT
from wcs.site import Site


def is_labelled(carton: Carton | None, codes: Iterable[str]) -> bool:
    """Gone by the record, or in its lane, and its own label is read with its plate."""
    if carton is None or carton.state not in ("sorted", "shipped"):
        return False
    return carton.tracking is not None and carton.tracking in codes


def may_leave(carton: Carton | None, codes: Iterable[str]) -> bool:
    """A person has seen that it is the one."""
    looked_at = carton is not None and carton.state == "shipped" and carton.solved == "reinduct"
    return looked_at and is_labelled(carton, codes)


def why(carton: Carton) -> str:
    return f"{carton.place} left without it"


def scanned_by_hand(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    """Whoever scans it has it in hand."""
    errand = Errand(
        key=errands.key("hospital", carton.lpn),
        station=site.hospital.station,
        kind="hospital",
        subject=carton.lpn,
        text=why(carton),
        remedy=REINDUCT,
        asked_at=at,
    )
    errands.ask(tx, errand)
    tx.answer("accepted", f"{errand.text}: {errand.remedy}")


def solved(tx: Tx, carton: Carton, seen: HospitalSolved) -> None:
    if seen.remedy != "reinduct":
        tx.answer("refused", f"{why(carton)}: {REINDUCT}")
        return
    tx.save(replace(carton, solved=seen.remedy, solved_by=seen.by))
    errands.end(tx, errands.key("hospital", carton.lpn), seen.by, seen.at)
