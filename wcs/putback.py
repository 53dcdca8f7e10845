"""The goods of a cancelled carton go home: from the carton to a put-back account, from there to
their shelves, piece by piece; the plate is free when nothing is left."""

from dataclasses import replace
from datetime import datetime

from wcs import allocating, errands, hosts, remedies, stock
from wcs.events import CartonPutBack, HospitalEnded
from wcs.lookup import existing, the_site
from wcs.model import Balance, Carton, Errand, Order, Pick
from wcs.names import LocationCode
from wcs.observations import HospitalSolved, PutBack
from wcs.ports import Tx
from wcs.site import Site
from wcs.whereabouts import FREE, released


def start(tx: Tx, site: Site, carton: Carton, at: datetime) -> None:
    order = existing(tx, Order, carton.order)
    why = "cancelled, to be put back"
    source, target = stock.carton(carton.lpn), stock.putback(carton.lpn)
    for row in stock.move_all(
        tx, source, target, why=why, at=at, order=carton.order, lpn=carton.lpn
    ):
        _ask_put_back(tx, site, carton, row, at)
    if order.state == "cancelling" and order.lpn == carton.lpn:
        hosts.tell_cancelled(tx, order, "taken out of the hospital lane", at)


def on_put_back(seen: PutBack, tx: Tx) -> None:
    account = stock.putback(seen.lpn)
    row = next((row for row in stock.contents(tx, account) if row.sku == seen.sku), None)
    carton = tx.get(Carton, seen.lpn)
    if carton is None or row is None or seen.qty > row.qty:
        there = row.qty if row else 0
        tx.answer("refused", f"{there} of {seen.sku} from {seen.lpn} are to be put back")
        return
    if not _is_shelf(the_site(tx), seen.location):
        tx.answer("refused", f"there is no location {seen.location}")
        return
    _home(tx, carton, row, seen)
    _one_less_to_put_back(tx, seen, row.qty - seen.qty)
    if not stock.contents(tx, account):
        _free(tx, carton, seen.by, seen.at)
    allocating.came_free(tx, row.owner, [seen.sku], seen.at)


def on_emptied(tx: Tx, carton: Carton, seen: HospitalSolved) -> None:
    inside = stock.contents(tx, stock.carton(carton.lpn))
    inside += stock.contents(tx, stock.putback(carton.lpn))
    if inside:
        goods = ", ".join(f"{row.qty} of {row.sku}" for row in inside)
        tx.answer("refused", f"{carton.lpn} still holds {goods}")
    else:
        _free(tx, carton, seen.by, seen.at)


def _ask_put_back(tx: Tx, site: Site, carton: Carton, row: Balance, at: datetime) -> None:
    errands.ask(
        tx,
        Errand(
            key=errands.key("put_back", f"{carton.lpn}|{row.sku}"),
            station=site.counter,
            kind="put_back",
            subject=carton.lpn,
            text=f"put {row.qty} of {row.sku} from {carton.lpn} back",
            remedy=remedies.PUT_BACK,
            sku=row.sku,
            location=_home_of(tx, carton, row),
            qty=row.qty,
            asked_at=at,
        ),
    )


def _home_of(tx: Tx, carton: Carton, row: Balance) -> LocationCode | None:
    """Where it was picked."""
    picks = [pick for pick in tx.find(Pick, order=carton.order) if pick.lpn == carton.lpn]
    steps = [step for pick in picks for step in pick.steps if step.sku == row.sku and step.picked]
    shelves = stock.total(tx, row.owner, row.sku).shelves
    return steps[0].location if steps else next(iter(shelves), None)


def _home(tx: Tx, carton: Carton, row: Balance, seen: PutBack) -> None:
    stock.move(
        tx,
        owner=row.owner,
        sku=row.sku,
        qty=seen.qty,
        source=row.account,
        target=stock.shelf(seen.location),
        why="put back",
        at=seen.at,
        order=carton.order,
        lpn=carton.lpn,
        by=seen.by,
    )
    tx.emit(
        CartonPutBack(
            lpn=carton.lpn,
            order=carton.order,
            sku=row.sku,
            location=seen.location,
            qty=seen.qty,
            by=seen.by,
            at=seen.at,
        )
    )


def _one_less_to_put_back(tx: Tx, seen: PutBack, left: int) -> None:
    key = errands.key("put_back", f"{seen.lpn}|{seen.sku}")
    errand = tx.get(Errand, key)
    if errand is None or left == 0:
        errands.end(tx, key, seen.by, seen.at)
    else:
        tx.save(replace(errand, qty=left))


def _free(tx: Tx, carton: Carton, by: str, at: datetime) -> None:
    """Nothing is in it any more: plate free, and the last word on its cancelled order."""
    tx.emit(HospitalEnded(lpn=carton.lpn, order=carton.order, remedy="emptied", by=by, at=at))
    released(tx, carton, "emptied", by, at)
    last_word(tx, carton, "its goods are back on their shelves", at)


def last_word(tx: Tx, carton: Carton, why: str, at: datetime) -> None:
    """The carton has ended: so has its cancelled order, unless another carton of it has not."""
    order = existing(tx, Order, carton.order)
    if order.state == "cancelling" and not _others_of(tx, order):
        order = hosts.tell_cancelled(tx, order, why, at)
        tx.save(replace(order, state="cancelled"))


def _others_of(tx: Tx, order: Order) -> bool:
    """Whether another carton of the order, from an earlier try, is still to be emptied."""
    return any(carton.state not in FREE for carton in tx.find(Carton, order=order.key))


def _is_shelf(site: Site, location: LocationCode) -> bool:
    return any(location in zone.light_of for zone in site.zones)
