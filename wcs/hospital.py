"""The hospital lane: a person scans a carton, reads reason and remedy, and sends it on.

A carton leaves when its label has come out; one of a cancelled order is emptied onto the shelves.
"""

from dataclasses import replace
from datetime import datetime

from wcs import errands, leftbehind, printing, putback, remedies, shipping, stock, whereabouts
from wcs.commands import LabelWanted
from wcs.events import (
    CartonToHospital,
    CartonWeighed,
    HospitalEnded,
    LabelReprinted,
    UnknownInHospital,
)
from wcs.lookup import existing, the_site
from wcs.model import Carton, Errand, Label
from wcs.names import Lpn
from wcs.observations import HospitalSolved, Scanned
from wcs.plates import is_plate
from wcs.ports import Tx
from wcs.site import Site
from wcs.trust import why_not


def on_scanned(seen: Scanned, tx: Tx) -> None:
    """Whatever the record says, a plate scanned here is here."""
    plate = next((Lpn(code) for code in seen.codes if is_plate(code)), None)
    if doubt := why_not(seen):
        tx.answer("refused", doubt)
        return
    if plate is None:
        tx.answer("refused", "scan the plate of the carton: L and eight digits")
        return
    carton = tx.get(Carton, plate)
    if carton and carton.state == "shipped":
        _end_unknown(tx, the_site(tx), seen.at)
        leftbehind.scanned_by_hand(tx, the_site(tx), carton, seen.at)
        return
    sorted_here = carton is not None and carton.state == "sorted"
    no = None if sorted_here else whereabouts.why_not_here(carton, plate)
    if carton is None or no:
        tx.answer("refused", no or "")
        return
    site = the_site(tx)
    if carton.state != "hospital":
        why = _end_unknown(tx, site, seen.at) or "carried here by hand"
        carton = arrived(tx, site, carton, why, None, seen.at)
    tx.answer("accepted", f"{carton.fault}: {carton.remedy}")


def arrived(
    tx: Tx, site: Site, carton: Carton, why: str, remedy: str | None, at: datetime
) -> Carton:
    """The carton is in the hospital lane now; nothing happens when that is known."""
    if carton.state == "hospital":
        return carton
    if carton.state == "sorted":
        errands.end(tx, errands.key("pull", carton.lpn), str(site.hospital.station), at)
        carton = shipping.take_off_load(tx, carton)
    why = carton.fault or why
    remedy = carton.remedy or remedy or remedies.remedy_of(carton)
    carton = replace(
        carton, state="hospital", loops=0, track=None, lane=None, fault=why, remedy=remedy
    )
    carton = stays(tx, site, carton, at)
    tx.emit(CartonToHospital(lpn=carton.lpn, order=carton.order, why=why, remedy=remedy, at=at))
    ask_person(tx, site, carton, at)
    if carton.cancelled:
        putback.start(tx, site, carton, at)
    return carton


def stays(tx: Tx, site: Site, carton: Carton, at: datetime) -> Carton:
    return whereabouts.moved(
        tx,
        carton,
        at,
        place=site.hospital.station,
        next=whereabouts.A_PERSON,
        within_s=site.patience.in_hospital_s,
    )


def unknown(tx: Tx, site: Site, track: int, why: str, at: datetime) -> None:
    """Something without a plate that we know lies in the hospital lane."""
    asked = errands.ask(
        tx,
        Errand(
            key=errands.key("hospital", f"track {track}"),
            station=site.hospital.station,
            kind="hospital",
            subject=f"track {track}",
            text=why,
            remedy="scan its plate",
            asked_at=at,
        ),
    )
    if asked:
        tx.emit(UnknownInHospital(device=site.sorter.device, track=track, why=why, at=at))


def left(tx: Tx, site: Site, carton: Carton, remedy: str, by: str, at: datetime) -> Carton:
    """The carton is on the belt again and is looked at afresh."""
    errands.end(tx, errands.key("hospital", carton.lpn), by, at)
    tx.emit(HospitalEnded(lpn=carton.lpn, order=carton.order, remedy=remedy, by=by, at=at))
    return whereabouts.moved(
        tx,
        replace(
            carton,
            state="moving",
            loops=0,
            label_ok=False,
            fault=carton.fault if carton.cancelled else None,
            remedy=carton.remedy if carton.cancelled else None,
            solved=None,
            solved_by=None,
        ),
        at,
        place=site.hospital.station,
        next=site.pack.scanner,
        within_s=site.patience.to_scale_s,
        why=f"left the hospital lane: {remedy}",
    )


def on_hospital_solved(seen: HospitalSolved, tx: Tx) -> None:
    carton = tx.get(Carton, seen.lpn)
    if carton and carton.state == "shipped":
        leftbehind.solved(tx, carton, seen)
        return
    if carton is None or carton.state != "hospital":
        tx.answer("refused", f"{seen.lpn} is not in the hospital lane: scan it first")
        return
    if no := remedies.why_not(seen.remedy, carton):
        tx.answer("refused", no)
        return
    _solve(tx, the_site(tx), carton, seen)


def on_carton_cancelled(tx: Tx, carton: Carton, at: datetime) -> None:
    """Stops a carton of a cancelled order wherever it is: a line label is withdrawn; in the
    hospital its goods go to the put-back account; in a lane somebody must pull it. The shop hears
    the final word when the carton is in the hospital, or that it is refused when its load closes.
    """
    site = the_site(tx)
    full = stock.contents(tx, stock.carton(carton.lpn))
    carton = replace(
        carton,
        cancelled=True,
        fault=carton.fault if carton.cancelled else "cancelled",
        remedy=remedies.PUT_BACK if full else remedies.EMPTIED,
        solved=None,
        solved_by=None,
    )
    tx.save(carton)
    waits = carton.next == site.pack.printer and printing.stands_at_pack(tx, site, carton)
    if tx.get(LabelWanted, carton.lpn):
        printing.withdraw(tx, carton.lpn, str(site.hospital.station), at)
    if carton.state == "hospital":
        ask_person(tx, site, carton, at)
        putback.start(tx, site, carton, at)
    elif carton.state == "sorted":
        pull(tx, site, carton, "cancelled", at)
    elif waits:
        printing.exception(tx, site, carton.lpn, "cancelled: put back", at)


def pull(tx: Tx, site: Site, carton: Carton, why: str, at: datetime) -> None:
    errands.ask(
        tx,
        Errand(
            key=errands.key("pull", carton.lpn),
            station=site.counter,
            kind="pull",
            subject=carton.lpn,
            text=f"take {carton.lpn} out of lane {carton.lane}: {why}",
            remedy="carry it to the hospital lane",
            asked_at=at,
        ),
    )


def ask_person(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    """Reason and remedy of the moment; an errand that is open already says the new ones."""
    errand = Errand(
        key=errands.key("hospital", carton.lpn),
        station=site.hospital.station,
        kind="hospital",
        subject=carton.lpn,
        text=carton.fault or "",
        remedy=carton.remedy or "",
        asked_at=at,
    )
    if not errands.ask(tx, errand):
        tx.save(errand)


def _solve(tx: Tx, site: Site, carton: Carton, seen: HospitalSolved) -> None:
    match seen.remedy:
        case "emptied":
            putback.on_emptied(tx, carton, seen)
        case "reinduct":
            left(tx, site, carton, seen.remedy, seen.by, seen.at)
        case "accept_weight":
            _accept_weight(tx, site, carton, seen)
        case "relabel":
            printing.request(tx, _leaves_with_label(tx, carton, seen), seen.at)
        case "reprint":
            _leaves_with_label(tx, carton, seen)
            label = existing(tx, Label, carton.lpn)
            printing.again(tx, site, site.hospital.printer, label, seen.by, seen.at)
            tx.emit(LabelReprinted(lpn=carton.lpn, tracking=label.tracking, by=seen.by, at=seen.at))


def _leaves_with_label(tx: Tx, carton: Carton, seen: HospitalSolved) -> Carton:
    carton = replace(carton, solved=seen.remedy, solved_by=seen.by)
    tx.save(carton)
    return carton


def _accept_weight(tx: Tx, site: Site, carton: Carton, seen: HospitalSolved) -> None:
    grams = carton.measured_g or 0
    carton = replace(carton, expected_g=grams, weight_ok=True)
    carton = _leaves_with_label(tx, carton, seen)
    tx.emit(
        CartonWeighed(
            lpn=carton.lpn,
            order=carton.order,
            expected_g=grams,
            measured_g=grams,
            ok=True,
            why=f"accepted by {seen.by}",
            at=seen.at,
        )
    )
    label = tx.get(Label, carton.lpn)
    if label is None:
        printing.request(tx, carton, seen.at)
    elif label.doubt:
        _look_for_label(tx, site, carton, seen.at)
    elif label.prints == 0:
        printing.want(tx, site, site.hospital.printer, carton.lpn, label.zpl, seen.at)
    else:
        left(tx, site, carton, seen.remedy, seen.by, seen.at)


def _look_for_label(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    carton = replace(
        carton,
        fault="its label may have come out already",
        remedy=remedies.REPRINT,
        solved=None,
        solved_by=None,
    )
    tx.save(carton)
    ask_person(tx, site, carton, at)


def _end_unknown(tx: Tx, site: Site, at: datetime) -> str | None:
    """The oldest thing without a name gets one; returns why it had none."""
    asked = [e for s in (site.hospital.station, site.counter) for e in tx.find(Errand, station=s)]
    nameless = [errand for errand in asked if errand.subject.startswith("track ")]
    if not nameless:
        return None
    oldest = min(nameless, key=lambda errand: (errand.asked_at, errand.key))
    errands.end(tx, oldest.key, str(site.hospital.station), at)
    return oldest.text
