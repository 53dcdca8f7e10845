"""Where each carton is and where it is expected next: one point, one timer, physical truth."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wcs import errands
from wcs.commands import LabelWanted
from wcs.events import CartonMoved, CartonOverdue
from wcs.lookup import the_site
from wcs.model import Carton, CartonState, Errand, Label
from wcs.ports import Tx

A_PERSON: Final = "a person"
"""Next point of a carton that only a person can bring on."""
ON_THE_WAY: Final[tuple[CartonState, ...]] = ("picked", "riding", "moving", "hospital")
FREE: Final[tuple[CartonState, ...]] = ("shipped", "lost", "emptied")


def moved(
    tx: Tx,
    carton: Carton,
    at: datetime,
    *,
    place: str,
    next: str | None,
    within_s: float | None = None,
    why: str = "",
) -> Carton:
    """The carton as it is saved: seen at `place` now, whatever was thought before.

    Not seen again within `within_s` seconds it is overdue; without it nobody counts the time. A
    `why` tells the life of the carton too; without one another event does.
    """
    if carton.overdue:
        errands.end(tx, errands.key("search", carton.lpn), place, at)
    carton = replace(carton, place=place, next=next, seen_at=at, overdue=False)
    tx.save(carton)
    due = None if within_s is None else at + timedelta(seconds=within_s)
    tx.wake(f"overdue:{carton.lpn}", due)
    if why:
        tx.emit(CartonMoved(lpn=carton.lpn, order=carton.order, place=place, why=why, at=at))
    return carton


def missing(tx: Tx, carton: Carton, at: datetime) -> None:
    """Not seen at its next point: somebody searches for it until it is seen anywhere."""
    tx.save(replace(carton, overdue=True))
    tx.wake(f"overdue:{carton.lpn}", None)
    tx.emit(
        CartonOverdue(
            lpn=carton.lpn,
            order=carton.order,
            place=carton.place,
            next=carton.next or "",
            at=at,
        )
    )
    errands.ask(
        tx,
        Errand(
            key=errands.key("search", carton.lpn),
            station=the_site(tx).counter,
            kind="search",
            subject=carton.lpn,
            text=f"{carton.lpn} was last seen at {carton.place}, not at {carton.next} since",
            remedy="put it on the hospital's infeed, or declare it lost",
            asked_at=at,
        ),
    )


def released(tx: Tx, carton: Carton, state: CartonState, by: str, at: datetime) -> Carton:
    """The carton's way ends and its plate is free again: nobody waits for it any more."""
    carton = replace(carton, state=state, next=None, seen_at=at, track=None, overdue=False)
    tx.save(carton)
    for errand in list(tx.find(Errand, subject=carton.lpn)):
        errands.end(tx, errand.key, by, at)
    tx.remove(Label, carton.lpn)
    tx.remove(LabelWanted, carton.lpn)
    tx.wake(f"overdue:{carton.lpn}", None)
    tx.wake(f"label:{carton.lpn}", None)
    return carton


def why_not_here(carton: Carton | None, plate: str) -> str | None:
    """Why a plate read on the conveyor cannot be the carton that we know; None when it can."""
    if carton is None:
        return f"unknown plate {plate}"
    if carton.state in ON_THE_WAY:
        return None
    if carton.state == "picking":
        return f"{plate} is still being picked for {carton.order}"
    if carton.state == "lost":
        return f"{plate} was declared lost"
    if carton.state == "emptied":
        return f"unknown plate {plate}: it is bound to no order"
    return f"duplicate code: {plate} {_lies(carton)}"


def _lies(carton: Carton) -> str:
    return "was shipped" if carton.state == "shipped" else f"lies sorted in lane {carton.lane}"
