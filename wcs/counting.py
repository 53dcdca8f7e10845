"""A shelf that came up short: not for sale until a person has counted it, then the difference is
booked with its reason."""

from dataclasses import replace
from datetime import datetime

from wcs import allocating, errands, stock
from wcs.events import CountAsked, CountBooked
from wcs.lookup import the_site
from wcs.model import Balance, Errand, Item, Order, Promise
from wcs.names import LocationCode, Owner, Sku
from wcs.observations import Counted
from wcs.ports import Tx
from wcs.starting import queue_key


def ask_count(
    tx: Tx, owner: Owner, sku: Sku, location: LocationCode, why: str, at: datetime
) -> None:
    """What nobody was promised of this shelf is in count from now on."""
    stock.put_in_count(tx, owner, sku, location, True)
    errand = Errand(
        key=errands.key("count", f"{location}|{owner}|{sku}"),
        station=the_site(tx).counter,
        kind="count",
        subject=location,
        text=f"Count {sku} at {location}: {why}",
        remedy="count",
        sku=sku,
        location=location,
        asked_at=at,
    )
    if errands.ask(tx, errand):
        tx.emit(CountAsked(location=location, sku=sku, why=why, at=at))


def on_counted(seen: Counted, tx: Tx) -> None:
    shelf = _shelf_of(tx, seen.location, seen.sku)
    if isinstance(shelf, str):
        tx.answer("refused", shelf)
    elif seen.qty < 0:
        tx.answer("refused", f"{seen.location} cannot hold {seen.qty} pieces")
    else:
        _book(tx, shelf, seen)


def _shelf_of(tx: Tx, location: LocationCode, sku: Sku) -> Balance | str:
    """The shelf row that was counted, or why it is not known whose goods these are."""
    rows = [row for row in tx.find(Balance, account=stock.shelf(location)) if row.sku == sku]
    site = the_site(tx)
    if not rows and any(location in zone.light_of for zone in site.zones):
        owners = dict.fromkeys(channel.owner for channel in site.channels)
        rows = [
            stock.balance(tx, stock.shelf(location), owner, sku)
            for owner in owners
            if tx.get(Item, f"{owner}|{sku}")
        ]
    if len(rows) == 1:
        return rows[0]
    if rows:
        return f"{sku} at {location} belongs to several owners: count each by its own name"
    return f"nothing called {sku} is kept at {location}"


def _book(tx: Tx, row: Balance, seen: Counted) -> None:
    key = errands.key("count", f"{seen.location}|{row.owner}|{seen.sku}")
    asked = errands.end(tx, key, seen.by, seen.at)
    if row.qty == seen.qty and not asked:
        return
    displaced = _withdraw_promises(tx, row, row.allocated - seen.qty)
    stock.put_in_count(tx, row.owner, seen.sku, seen.location, False)
    _book_difference(tx, row, seen)
    for order in displaced:
        allocating.allocate(tx, order, seen.at)
    skus = [line.sku for order in displaced for line in order.lines]
    allocating.came_free(tx, row.owner, [seen.sku, *skus], seen.at)


def _book_difference(tx: Tx, row: Balance, seen: Counted) -> None:
    gone = row.qty - seen.qty
    why = f"counted {seen.qty}, the book said {row.qty}"
    stock.move(
        tx,
        owner=row.owner,
        sku=row.sku,
        qty=abs(gone),
        source=row.account if gone > 0 else stock.COUNT,
        target=stock.COUNT if gone > 0 else row.account,
        why=why,
        by=seen.by,
        at=seen.at,
    )
    tx.emit(
        CountBooked(
            location=seen.location,
            owner=row.owner,
            sku=row.sku,
            expected=row.qty,
            counted=seen.qty,
            by=seen.by,
            why=why,
            at=seen.at,
        )
    )


def _withdraw_promises(tx: Tx, row: Balance, excess: int) -> list[Order]:
    """Frees more promises than the shelf can keep: last in the queue first, then of what is being
    picked, whose lamp stays lit: the picker will see. Returns the orders to allocate anew, first in
    the queue first."""
    displaced: list[Order] = []
    if excess > 0:
        for order in sorted(tx.find(Order, state="waiting"), key=queue_key, reverse=True):
            if excess > 0 and (here := _promised(order, row)):
                excess -= here
                displaced.insert(0, allocating.give_back(tx, order))
    if excess > 0:
        for order in list(tx.find(Order, state="picking")):
            stock.promise(tx, row.owner, row.sku, _location(row), -_promised(order, row))
            others = tuple(made for made in order.promises if not _is_here(made, order, row))
            tx.save(replace(order, promises=others))
    return displaced


def _promised(order: Order, row: Balance) -> int:
    return sum(made.qty for made in order.promises if _is_here(made, order, row))


def _is_here(made: Promise, order: Order, row: Balance) -> bool:
    return (order.owner, made.sku, made.location) == (row.owner, row.sku, _location(row))


def _location(row: Balance) -> LocationCode:
    return LocationCode(row.account.removeprefix("shelf:"))
