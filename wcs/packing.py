"""The pack line: a carton is read, weighed against what it should weigh, and asks for its label.

At most one carton is between the scanner and the applicator, so the one last read is the one that
waits for its label, and a label is never printed for a carton that has left.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from wcs import errands, hospital, printing, readiness, remedies
from wcs.commands import LabelWanted
from wcs.events import CartonWeighed
from wcs.leftbehind import is_labelled
from wcs.lookup import the_site
from wcs.model import Carton, Errand, Label, PackStation
from wcs.names import Lpn
from wcs.observations import ScaleChanged, Scanned, Weighed, WeighingFailed
from wcs.plates import plates_in
from wcs.ports import Tx
from wcs.site import PackLine, Site
from wcs.trust import why_not
from wcs.whereabouts import moved, why_not_here


def on_scanned(seen: Scanned, tx: Tx) -> None:
    site = the_site(tx)
    carton, why = recognized(tx, seen)
    if carton and _same_pass(tx, site, carton, seen.at):
        return
    _last_one_left(tx, site, seen.at)
    lpn = carton.lpn if carton else None
    tx.save(PackStation(scanner=site.pack.scanner, lpn=lpn, at=seen.at, why=why))
    if carton:
        _arrived(tx, site, carton, seen.at)
    elif not _is_left_behind(tx, seen.codes):
        _unread(tx, site, why, seen.at)


def on_weighed(seen: Weighed, tx: Tx) -> None:
    site = the_site(tx)
    station = tx.get(PackStation, site.pack.scanner)
    if station is None or seen.at - station.at > timedelta(seconds=site.pack.pair_within_s):
        _weight_of_nobody(tx, site, station, seen)
    elif seen.at < station.at or station.grams is not None:
        tx.answer("refused", f"{seen.grams} g belong to no carton: {station.lpn} is weighed once")
    else:
        tx.save(replace(station, grams=seen.grams))
        carton = tx.get(Carton, station.lpn) if station.lpn else None
        if carton:
            _weigh(tx, site, carton, seen)


def on_weighing_failed(seen: WeighingFailed, tx: Tx) -> None:
    """The carton that stands there goes on to the hospital, and its label says why."""
    site = the_site(tx)
    station = tx.get(PackStation, site.pack.scanner)
    carton = tx.get(Carton, station.lpn) if station and station.lpn else None
    if carton is None or station is None or station.grams is not None:
        tx.answer("refused", f"no carton waits for its weight: {seen.reason}")
    elif printing.stands_at_pack(tx, site, carton):
        not_weighed(tx, site, carton, f"not weighed: {seen.reason}", seen.at)


def on_scale_changed(seen: ScaleChanged, tx: Tx) -> None:
    """What is wrong with the scale is an errand until the scale itself says that it is over."""
    readiness.changed(tx, seen.scale, seen.ready, seen.reason, seen.at)
    key = errands.key("scale", seen.scale)
    errands.end(tx, key, str(seen.scale), seen.at)
    if not seen.ready:
        what, _, remedy = seen.reason.partition(": ")
        errands.ask(
            tx,
            Errand(
                key=key,
                station=the_site(tx).counter,
                kind="scale",
                subject=seen.scale,
                text=f"{seen.scale}: {what}",
                remedy=remedy,
                asked_at=seen.at,
            ),
        )


def recognized(tx: Tx, seen: Scanned) -> tuple[Carton | None, str]:
    """The one carton that this read can be, or why there is none."""
    if doubt := why_not(seen):
        return None, doubt
    plates = plates_in(seen.codes)
    if len(plates) != 1:
        return None, f"several plates: {', '.join(plates)}" if plates else "no-read"
    carton = tx.get(Carton, plates[0])
    why = why_not_here(carton, plates[0])
    return (None, why) if why else (carton, "")


def weight_fault(expected_g: int, measured_g: int, line: PackLine) -> str | None:
    allowed = max(expected_g * line.tolerance_percent / 100, line.tolerance_g)
    if abs(measured_g - expected_g) <= allowed:
        return None
    return f"wrong weight: {measured_g} g, expected {expected_g} g (+-{allowed:.0f} g)"


def labelled(tx: Tx, site: Site, carton: Carton, at: datetime) -> Carton:
    """What stands at the applicator gets what it needs: nothing, a shipping label, or the word
    that it must not ship."""
    label = tx.get(Label, carton.lpn)
    if why := _must_not_ship(carton):
        printing.exception(tx, site, carton.lpn, why, at)
    elif label is None:
        carton = printing.request(tx, carton, at)
        tx.wake(f"label:{carton.lpn}", at + timedelta(seconds=site.patience.label_s))
    elif label.doubt:  # perhaps on the carton: the tunnel looks, and a person if it finds none
        carton = carton if tx.get(LabelWanted, carton.lpn) else to_tunnel(tx, site, carton, at)
    elif label.prints == 0:
        printing.want(tx, site, site.pack.printer, carton.lpn, label.zpl, at)
    else:
        carton = to_tunnel(tx, site, carton, at)
    return carton


def to_tunnel(tx: Tx, site: Site, carton: Carton, at: datetime) -> Carton:
    within_s = site.patience.to_tunnel_s
    return moved(tx, carton, at, place=carton.place, next=site.sorter.scanner, within_s=within_s)


def _same_pass(tx: Tx, site: Site, carton: Carton, at: datetime) -> bool:
    station = tx.get(PackStation, site.pack.scanner)
    if station is None or station.lpn != carton.lpn or carton.state != "moving":
        return False
    return abs(at - station.at) <= timedelta(seconds=site.pack.pair_within_s)


def _last_one_left(tx: Tx, site: Site, at: datetime) -> None:
    for wanted in list(tx.find(LabelWanted, device=site.pack.printer)):
        printing.withdraw(tx, wanted.lpn, str(site.pack.scanner), at)
    station = tx.get(PackStation, site.pack.scanner)
    last = tx.get(Carton, station.lpn) if station and station.lpn else None
    if last and last.state == "moving" and last.place == site.pack.scanner:
        tx.wake(f"label:{last.lpn}", None)
        to_tunnel(tx, site, last, at)


def _arrived(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    if carton.state == "hospital":
        carton = hospital.left(tx, site, carton, "reinduct", str(site.pack.scanner), at)
    carton = moved(
        tx,
        replace(carton, state="moving", track=None, lane=None),
        at,
        place=site.pack.scanner,
        next=site.pack.printer,
        why="read at the pack line",
    )
    if carton.weight_ok and not _must_not_ship(carton) and _is_labelled(tx, carton):
        to_tunnel(tx, site, carton, at)
    else:
        tx.wake(f"label:{carton.lpn}", at + timedelta(seconds=site.patience.label_s))


def not_weighed(tx: Tx, site: Site, carton: Carton, why: str, at: datetime) -> Carton:
    """The carton that stands at the applicator has no weight."""
    carton = replace(carton, fault=why, remedy=remedies.REINDUCT)
    tx.save(carton)
    return labelled(tx, site, carton, at)


def _is_left_behind(tx: Tx, codes: Iterable[str]) -> bool:
    """It carries its label: another one would hide it."""
    return any(is_labelled(tx.get(Carton, plate), codes) for plate in plates_in(codes))


def _unread(tx: Tx, site: Site, why: str, at: datetime) -> None:
    printing.exception(tx, site, Lpn(f"noread-{tx.seq}"), why, at)


def _weight_of_nobody(tx: Tx, site: Site, station: PackStation | None, seen: Weighed) -> None:
    """No frame for it: a carton nobody read, unless one is known to stand there still."""
    carton = tx.get(Carton, station.lpn) if station and station.lpn else None
    if carton and carton.next == site.pack.printer and carton.measured_g is not None:
        tx.answer("refused", f"{seen.grams} g belong to no carton: {carton.lpn} is on the line")
        return
    why = f"{seen.grams} g came without a read"
    _last_one_left(tx, site, seen.at)
    tx.save(PackStation(scanner=site.pack.scanner, lpn=None, at=seen.at, why=why, grams=seen.grams))
    _unread(tx, site, why, seen.at)


def _weigh(tx: Tx, site: Site, carton: Carton, seen: Weighed) -> None:
    wrong = weight_fault(carton.expected_g, seen.grams, site.pack)
    carton = _judged(replace(carton, measured_g=seen.grams), wrong)
    tx.save(carton)
    tx.emit(
        CartonWeighed(
            lpn=carton.lpn,
            order=carton.order,
            expected_g=carton.expected_g,
            measured_g=seen.grams,
            ok=wrong is None,
            why=wrong or "within tolerance",
            at=seen.at,
        )
    )
    labelled(tx, site, carton, seen.at)


def _judged(carton: Carton, wrong: str | None) -> Carton:
    """The scale's word on it; what stopped a cancelled carton stays as it is."""
    fault = wrong or (carton.fault if carton.weight_ok else None)
    carton = replace(carton, weight_ok=wrong is None)
    if carton.cancelled:
        return carton
    carton = replace(carton, fault=fault)
    return replace(carton, remedy=remedies.remedy_of(carton) if fault else None)


def _is_labelled(tx: Tx, carton: Carton) -> bool:
    label = tx.get(Label, carton.lpn)
    return label is not None and label.prints > 0


def _must_not_ship(carton: Carton) -> str | None:
    return "cancelled: put back" if carton.cancelled else carton.fault
