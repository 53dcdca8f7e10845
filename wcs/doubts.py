"""A label that may have come out is held: never printed again by itself, never given up.

It ends when the printer remembers it after all, when a scanner reads it on its carton, or when a
person has looked. Two labels on one carton take a person's word.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from wcs import errands, labels, printing
from wcs.commands import LabelWanted
from wcs.equipment import PrinterMemory
from wcs.events import LabelHeld, LabelSettled
from wcs.lookup import the_site
from wcs.model import Errand, Label
from wcs.names import DeviceId, StationId
from wcs.observations import DeviceUp, LabelInDoubt, LabelJudged, Scanned
from wcs.plates import plates_in
from wcs.ports import Tx
from wcs.site import Site

LOOK: Final = "look at the carton and at the printer, then say whether the label is there"
WENT: Final = "the line or the power went while it was printed"


def on_label_in_doubt(seen: LabelInDoubt, tx: Tx) -> None:
    tx.save(PrinterMemory(printer=seen.printer, last=seen.name))
    wanted = printing.copy_of(tx, seen.printer, seen.lpn, seen.name)
    if wanted:
        hold(tx, wanted, seen.reason, seen.at)


def hold(tx: Tx, wanted: LabelWanted, why: str, at: datetime) -> None:
    if wanted.doubt:
        return
    site, label = the_site(tx), tx.get(Label, wanted.lpn)
    if label and printing.is_shipping_label(label, wanted):
        tx.save(replace(label, doubt=printing.name_of(wanted)))
    tx.want(replace(wanted, doubt=why))
    said = f"{wanted.device}: nobody knows whether the label of {wanted.lpn} came out: {why}"
    tx.emit(LabelHeld(lpn=wanted.lpn, device=wanted.device, why=said, at=at))
    errands.ask(
        tx,
        Errand(
            key=errands.key("label", wanted.lpn),
            station=_station(site, wanted.device),
            kind="label",
            subject=wanted.lpn,
            text=said,
            remedy=LOOK,
            asked_at=at,
        ),
    )


def on_label_judged(seen: LabelJudged, tx: Tx) -> None:
    wanted, label = tx.get(LabelWanted, seen.lpn), tx.get(Label, seen.lpn)
    held = wanted if wanted and wanted.doubt else None
    if held is None and (label is None or not label.doubt):
        tx.answer("refused", f"no label of {seen.lpn} is held")
    elif seen.there:
        _is_there(tx, held, label, f"{seen.by} has seen it", seen.by, seen.at)
    else:
        _is_not_there(tx, held, label, seen)


def on_scanned(seen: Scanned, tx: Tx) -> bool:
    """A tracking number that a scanner reads is on a label that came out. Whether nothing else was
    read: a person holds the label in hand."""
    site, scanned, alone = the_site(tx), f"{seen.scanner} has read it", False
    for held in _held(tx, site) if seen.codes else ():
        label = tx.get(Label, held.lpn)
        if label and label.tracking in seen.codes and printing.is_shipping_label(label, held):
            alone = len(seen.codes) == 1
            _is_there(tx, held, label, scanned, seen.scanner, seen.at)
    for plate in plates_in(seen.codes):
        label = tx.get(Label, plate)
        if label and label.doubt and label.tracking in seen.codes:
            _is_there(tx, None, label, scanned, seen.scanner, seen.at)
    return alone


def reassert(tx: Tx, up: DeviceUp) -> None:
    """What the printer began and finished last tells of each label sent; what nothing is known of
    is held."""
    wants = list(tx.find(LabelWanted, device=up.device))
    label, begun = _shown(up.has, "label"), _shown(up.has, "begun")
    last = begun or label
    memory = tx.get(PrinterMemory, up.device)
    names = {printing.name_of(wanted) for wanted in wants}
    is_sure = bool(last) and (last in names or (memory is not None and memory.last == last))
    if last:
        tx.save(PrinterMemory(printer=up.device, last=last))
    for wanted in wants:
        if printing.name_of(wanted) == label:
            labels.came_out(tx, wanted, str(up.device), up.at)
        elif printing.name_of(wanted) == begun:
            hold(tx, wanted, WENT, up.at)
        elif not wanted.doubt and (is_sure or not wanted.command):
            printing.send(tx, wanted, up.at)
        else:
            hold(tx, wanted, "the printer does not remember what it printed last", up.at)


def _is_there(
    tx: Tx, held: LabelWanted | None, label: Label | None, why: str, by: str, at: datetime
) -> None:
    if held:
        _settled(tx, held, there=True, why=why, at=at)
        labels.came_out(tx, held, by, at)
    elif label:
        tx.save(replace(label, prints=label.prints + 1, doubt=""))


def _is_not_there(tx: Tx, held: LabelWanted | None, label: Label | None, seen: LabelJudged) -> None:
    if label:
        tx.save(replace(label, doubt=""))
    if held:
        _settled(tx, held, there=False, why=f"{seen.by} has looked: print it again", at=seen.at)
        printing.withdraw(tx, held.lpn, seen.by, seen.at)
        printing.want(tx, the_site(tx), held.device, held.lpn, held.zpl, seen.at)


def _settled(tx: Tx, held: LabelWanted, *, there: bool, why: str, at: datetime) -> None:
    tx.emit(LabelSettled(lpn=held.lpn, device=held.device, there=there, why=why, at=at))


def _held(tx: Tx, site: Site) -> list[LabelWanted]:
    printers = dict.fromkeys((site.pack.printer, site.hospital.printer))
    wants = (wanted for printer in printers for wanted in tx.find(LabelWanted, device=printer))
    return [wanted for wanted in wants if wanted.doubt]


def _station(site: Site, printer: DeviceId) -> StationId:
    return site.hospital.station if printer == site.hospital.printer else site.counter


def _shown(has: Sequence[str], slot: str) -> str:
    shown = (each.partition("=") for each in has)
    return next((task for name, _, task in shown if name == slot), "")
