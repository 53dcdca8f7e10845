"""Tracking numbers and labels: one per carton, whatever is repeated; printed where the carton
stands."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wcs import errands, hospital, hosts, merging, packing, printing, readiness, remedies, shipping
from wcs.commands import LabelWanted
from wcs.equipment import PrinterMemory
from wcs.events import LabelDoubled, LabelReceived, LabelReprinted, LabelStuck
from wcs.lookup import existing, the_site
from wcs.model import Carton, Errand, Label, Order, PackStation
from wcs.names import DeviceId, Lpn
from wcs.observations import (
    CommandFailed,
    Due,
    LabelIssued,
    LabelPrinted,
    LabelRefused,
    PrinterChanged,
    ReprintAsked,
)
from wcs.ports import Tx
from wcs.readiness import is_ready
from wcs.site import Site
from wcs.whereabouts import FREE

AGAIN_AFTER: Final = timedelta(seconds=2)
REMEDIES: Final = {
    "paper out": "put in a roll",
    "ribbon out": "put in a ribbon",
    "head open": "close the head",
    "paused": "press pause",
    "no paper or ribbon or the head is open": "look at all three",
    "too hot": "let it cool",
    "too cold": "let it warm up",
}


def on_label_issued(seen: LabelIssued, tx: Tx) -> None:
    """The first tracking number wins."""
    carton = _now(tx, seen.lpn)
    if carton is None or carton.state in FREE or not carton.label_asked:
        tx.answer("refused", f"nobody waits for a label of {seen.lpn}")
    elif carton.tracking is None:
        _keep(tx, carton, seen)
    elif carton.tracking != seen.tracking:
        _second(tx, carton, seen)


def on_label_refused(seen: LabelRefused, tx: Tx) -> None:
    carton = _now(tx, seen.lpn)
    if carton is None or carton.state in FREE or not carton.label_asked or carton.tracking:
        return
    site = the_site(tx)
    why = f"{seen.carrier} refused the label: {seen.reason}"
    carton = replace(
        carton, label_asked=False, fault=why, remedy=remedies.RELABEL, solved=None, solved_by=None
    )
    tx.save(carton)
    hospital.ask_person(tx, site, carton, seen.at)
    if printing.stands_at_pack(tx, site, carton):
        packing.labelled(tx, site, carton, seen.at)


def on_label_printed(seen: LabelPrinted, tx: Tx) -> None:
    """Of a label that nobody wants any more it is still known that it came out."""
    tx.save(PrinterMemory(printer=seen.printer, last=seen.name or seen.lpn))
    wanted = printing.copy_of(tx, seen.printer, seen.lpn, seen.name)
    label = tx.get(Label, seen.lpn)
    if wanted:
        came_out(tx, wanted, str(seen.printer), seen.at)
    elif label and label.doubt and label.doubt == seen.name:
        tx.save(replace(label, prints=label.prints + 1, doubt=""))


def on_printer_changed(seen: PrinterChanged, tx: Tx) -> None:
    """Out of paper the labels wait; they are asked for again when it is ready."""
    key = errands.key("printer", seen.printer)
    readiness.changed(tx, seen.printer, seen.ready, seen.reason, seen.at)
    merging.steer(tx, seen.at)
    if seen.ready:
        errands.end(tx, key, str(seen.printer), seen.at)
        _send_failed(tx, seen.printer, seen.at)
        return
    errand = Errand(
        key=key,
        station=the_site(tx).counter,
        kind="printer",
        subject=seen.printer,
        text=f"{seen.printer} does not print: {seen.reason}",
        remedy=f"{_remedy(seen.reason)}; what waits comes out by itself",
        asked_at=seen.at,
    )
    if not errands.ask(tx, errand):
        tx.save(errand)


def on_reprint_asked(seen: ReprintAsked, tx: Tx) -> None:
    """The same tracking number again, and who asked for it."""
    carton, label = tx.get(Carton, seen.lpn), tx.get(Label, seen.lpn)
    if carton is None or label is None:
        tx.answer("refused", f"{seen.lpn} has no label yet")
        return
    reprint(tx, the_site(tx), carton, label, seen.by, seen.at)


def on_due(seen: Due, tx: Tx) -> None:
    site = the_site(tx)
    lpn = Lpn(seen.key.partition(":")[2])
    wanted, carton = tx.get(LabelWanted, lpn), tx.get(Carton, lpn)
    if wanted:
        if not wanted.doubt:
            _stuck(tx, lpn, wanted.device, f"{wanted.device} has not printed it", seen.at)
        if not (wanted.command or wanted.doubt) and is_ready(tx, wanted.device):
            printing.send(tx, wanted, seen.at)
    elif carton and printing.stands_at_pack(tx, site, carton):
        _still_stands(tx, site, carton, seen.at)


def failed(tx: Tx, seen: CommandFailed) -> None:
    """Nothing came out, as far as the printer's driver knows: asked for again a little later."""
    for wanted in list(tx.find(LabelWanted, device=seen.device)):
        if wanted.command == seen.command:
            tx.want(replace(wanted, command=""))
            tx.wake(f"label:{wanted.lpn}", seen.at + AGAIN_AFTER)


def reprint(tx: Tx, site: Site, carton: Carton, label: Label, by: str, at: datetime) -> None:
    at_pack = printing.stands_at_pack(tx, site, carton)
    printer = site.pack.printer if at_pack else site.hospital.printer
    printing.again(tx, site, printer, label, by, at)
    tx.emit(LabelReprinted(lpn=carton.lpn, tracking=label.tracking, by=by, at=at))


def _remedy(reason: str) -> str:
    """For each of several problems; a printer's own word where no remedy is known."""
    return "; ".join(REMEDIES.get(each, each) for each in reason.split(", "))


def _now(tx: Tx, lpn: Lpn) -> Carton | None:
    """The carton that was known by this plate when the carrier was asked."""
    carton = tx.get(Carton, lpn)
    while carton and carton.rebound_to:
        carton = tx.get(Carton, carton.rebound_to)
    return carton


def _keep(tx: Tx, carton: Carton, seen: LabelIssued) -> None:
    site = the_site(tx)
    zpl = seen.zpl.replace(seen.lpn, carton.lpn)
    label = Label(lpn=carton.lpn, carrier=seen.carrier, tracking=seen.tracking, zpl=zpl)
    tx.save(label)
    carton = replace(carton, tracking=seen.tracking, carrier=seen.carrier)
    tx.save(carton)
    tx.save(replace(existing(tx, Order, carton.order), tracking=seen.tracking))
    tx.emit(
        LabelReceived(
            lpn=carton.lpn,
            order=carton.order,
            carrier=seen.carrier,
            tracking=seen.tracking,
            at=seen.at,
        )
    )
    if printing.stands_at_pack(tx, site, carton) and carton.weight_ok:
        packing.labelled(tx, site, carton, seen.at)
    elif carton.state == "hospital" and carton.solved:
        printing.want(tx, site, site.hospital.printer, carton.lpn, label.zpl, seen.at)


def _second(tx: Tx, carton: Carton, seen: LabelIssued) -> None:
    kept = carton.tracking or ""
    tx.emit(
        LabelDoubled(
            lpn=carton.lpn,
            order=carton.order,
            carrier=seen.carrier,
            tracking=seen.tracking,
            kept=kept,
            at=seen.at,
        )
    )
    tx.answer("refused", f"{seen.lpn} has tracking number {kept}: cancel {seen.tracking}")


def came_out(tx: Tx, wanted: LabelWanted, by: str, at: datetime) -> None:
    """by: the printer, the scanner or the person that knows it."""
    printing.withdraw(tx, wanted.lpn, by, at)
    carton, label = tx.get(Carton, wanted.lpn), tx.get(Label, wanted.lpn)
    if carton is None:
        return
    site = the_site(tx)
    if label and printing.is_shipping_label(label, wanted):
        tx.save(replace(label, prints=label.prints + 1, doubt=""))
        _packed(tx, carton, label, at)
    if carton.state == "hospital" and carton.solved:
        hospital.left(tx, site, carton, carton.solved, carton.solved_by or "", at)
    elif printing.stands_at_pack(tx, site, carton) and wanted.device == site.pack.printer:
        packing.to_tunnel(tx, site, carton, at)


def _packed(tx: Tx, carton: Carton, label: Label, at: datetime) -> None:
    order = existing(tx, Order, carton.order)
    if order.state == "picking" and carton.weight_ok and not carton.cancelled:
        order = replace(order, state="packed")
        tx.save(order)
        hosts.tell(tx, order, "packed", at, parcels=(shipping.parcel(carton, label),))


def _send_failed(tx: Tx, printer: DeviceId, at: datetime) -> None:
    """What was sent before comes out by itself when there is paper again."""
    for wanted in list(tx.find(LabelWanted, device=printer)):
        if not (wanted.command or wanted.doubt):
            printing.send(tx, wanted, at)


def _still_stands(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    station = tx.get(PackStation, site.pack.scanner)
    if station and station.grams is None:
        packing.not_weighed(tx, site, carton, "not weighed", at)
    elif carton.tracking is None and carton.label_asked:
        _stuck(tx, carton.lpn, site.pack.printer, "the carrier has not answered", at)


def _stuck(tx: Tx, lpn: Lpn, device: DeviceId, why: str, at: datetime) -> None:
    tx.emit(LabelStuck(lpn=lpn, device=device, why=why, at=at))
