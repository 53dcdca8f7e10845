"""A plate became unreadable: the carton goes on under a new one."""

from dataclasses import replace

from wcs import hospital, remedies, stock, whereabouts
from wcs.lookup import existing, the_site
from wcs.model import Carton, Label, Order, Pick
from wcs.observations import Rebound
from wcs.plates import is_plate
from wcs.ports import Tx
from wcs.site import Site


def on_rebound(seen: Rebound, tx: Tx) -> None:
    """Everything that was known of the old plate is known of the new one."""
    carton, bound = tx.get(Carton, seen.lpn), tx.get(Carton, seen.new)
    if carton is None or (no := whereabouts.why_not_here(carton, seen.lpn)):
        tx.answer("refused", no if carton and no else f"unknown plate {seen.lpn}")
    elif bound and bound.state not in whereabouts.FREE:
        tx.answer("refused", f"{seen.new} is bound to order {bound.order}")
    elif not is_plate(seen.new):
        tx.answer("refused", f"{seen.new} is not a plate: L and eight digits")
    elif carton.cancelled:
        tx.answer("refused", f"{seen.lpn} is cancelled: {remedies.PUT_BACK}")
    else:
        site = the_site(tx)
        carton = hospital.arrived(tx, site, carton, "its plate was unreadable", None, seen.at)
        _rebind(tx, site, carton, seen)


def _rebind(tx: Tx, site: Site, carton: Carton, seen: Rebound) -> None:
    label = tx.get(Label, seen.lpn)
    whereabouts.released(tx, replace(carton, rebound_to=seen.new), "emptied", seen.by, seen.at)
    why = f"{seen.lpn} goes on as {seen.new}"
    goods, target = stock.carton(seen.lpn), stock.carton(seen.new)
    stock.move_all(
        tx, goods, target, why=why, at=seen.at, order=carton.order, lpn=seen.new, by=seen.by
    )
    if label:
        zpl = label.zpl.replace(seen.lpn, seen.new)
        tx.save(replace(label, lpn=seen.new, zpl=zpl, prints=0))
    _rename(tx, carton, seen)
    new = whereabouts.moved(
        tx,
        _afresh(replace(carton, lpn=seen.new)),
        seen.at,
        place=site.hospital.station,
        next=whereabouts.A_PERSON,
        within_s=site.patience.in_hospital_s,
        why=why,
    )
    hospital.ask_person(tx, site, new, seen.at)


def _afresh(carton: Carton) -> Carton:
    """The old label names the old plate: it is printed again."""
    carton = replace(carton, label_ok=False, solved=None, solved_by=None)
    return replace(carton, remedy=remedies.remedy_of(carton))


def _rename(tx: Tx, carton: Carton, seen: Rebound) -> None:
    order = existing(tx, Order, carton.order)
    if order.lpn == seen.lpn:
        tx.save(replace(order, lpn=seen.new))
    for pick in list(tx.find(Pick, order=order.key)):
        if pick.lpn == seen.lpn:
            tx.save(replace(pick, lpn=seen.new))
