"""A label is asked of the carrier once, and wanted at a printer until it has come out."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wcs import errands
from wcs.commands import LabelWanted, PrintLabel
from wcs.events import LabelRequested
from wcs.lookup import existing
from wcs.model import Carton, Label, Order, PackStation
from wcs.names import DeviceId, Lpn
from wcs.ports import Tx
from wcs.site import Site
from wcs.whereabouts import FREE
from wcs.zpl import exception_label

SEND_WITHIN: Final = timedelta(seconds=5)


def request(tx: Tx, carton: Carton, at: datetime) -> Carton:
    """Asks the carrier for tracking number and label, unless it was asked before."""
    order = existing(tx, Order, carton.order)
    if carton.label_asked or order.carrier is None:
        return carton
    carton = replace(carton, label_asked=True)
    tx.save(carton)
    tx.emit(
        LabelRequested(
            lpn=carton.lpn,
            order=carton.order,
            carrier=order.carrier,
            service=order.service,
            weight_g=carton.measured_g or carton.expected_g,
            customer=order.customer,
            at=at,
        )
    )
    return carton


def want(tx: Tx, site: Site, device: DeviceId, lpn: Lpn, zpl: str, at: datetime) -> None:
    """Nothing happens when the same label is wanted there already, or may have come out."""
    before = tx.get(LabelWanted, lpn)
    if before and (before.device, before.zpl) == (device, zpl):
        return
    copies = before.copies_asked + 1 if before else 1
    wanted = LabelWanted(device=device, lpn=lpn, zpl=zpl, copies_asked=copies, name=_name(tx.id()))
    send(tx, wanted, at)
    tx.wake(f"label:{lpn}", at + timedelta(seconds=site.patience.label_s))


def send(tx: Tx, wanted: LabelWanted, at: datetime) -> None:
    command = PrintLabel(
        device=wanted.device,
        lpn=wanted.lpn,
        zpl=wanted.zpl,
        name=wanted.name,
        before=at + SEND_WITHIN,
    )
    tx.want(replace(wanted, command=tx.command(command)))


def withdraw(tx: Tx, lpn: Lpn, by: str, at: datetime) -> None:
    tx.remove(LabelWanted, lpn)
    tx.wake(f"label:{lpn}", None)
    errands.end(tx, errands.key("label", lpn), by, at)


def again(tx: Tx, site: Site, device: DeviceId, label: Label, by: str, at: datetime) -> None:
    """A person's word: one more copy, whatever became of those before."""
    held = tx.get(LabelWanted, label.lpn)
    if label.doubt or (held and held.doubt):
        withdraw(tx, label.lpn, by, at)
        tx.save(replace(label, doubt=""))
    want(tx, site, device, label.lpn, label.zpl, at)


def copy_of(tx: Tx, printer: DeviceId, lpn: Lpn, name: str) -> LabelWanted | None:
    """The very copy that a printer speaks of; it may know no more of it than its name."""
    plate = tx.get(LabelWanted, lpn)
    wants = (plate,) if plate else tx.find(LabelWanted, device=printer)
    return next((w for w in wants if w.device == printer and name in ("", name_of(w))), None)


def name_of(wanted: LabelWanted) -> str:
    return wanted.name or wanted.lpn


def _name(id: str) -> str:
    """Letters and digits, few enough for a printer's variable."""
    return "W" + id.replace("-", "x")


def exception(tx: Tx, site: Site, key: Lpn, why: str, at: datetime) -> None:
    """The label that sends a carton on from the pack line without a shipping label."""
    want(tx, site, site.pack.printer, key, exception_label(key, why), at)


def is_shipping_label(label: Label | None, wanted: LabelWanted) -> bool:
    return label is not None and label.zpl == wanted.zpl


def stands_at_pack(tx: Tx, site: Site, carton: Carton) -> bool:
    """Whether it is the one between the pack scanner and the applicator."""
    if carton.place != site.pack.scanner or carton.state in FREE:
        return False
    station = tx.get(PackStation, site.pack.scanner)
    return station is not None and station.lpn == carton.lpn
