"""The stock ledger: double entry, every movement from somewhere to somewhere; and what is promised.

    opening -> shelf:LOC -> carton:LPN -> shipped
               shelf:LOC <-> count        carton:LPN -> putback:LPN -> shelf:LOC        -> lost

On hand is what the shelves hold. A promise never exceeds its shelf; no shelf, carton or put-back
account ever holds less than nothing. The books balance: all accounts of an item sum to zero.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from wcs.events import StockLevel, StockMoved
from wcs.lookup import the_site
from wcs.model import Balance, Item, StockTotal
from wcs.names import Account, LocationCode, Lpn, OrderKey, Owner, Sku
from wcs.ports import Tx

OPENING: Final = Account("opening")
SHIPPED: Final = Account("shipped")
COUNT: Final = Account("count")
LOST: Final = Account("lost")
PHYSICAL: Final = ("shelf:", "carton:", "putback:")


class Overdrawn(ValueError):
    """More was to be taken, or promised, than is there. The rule that asked is wrong."""


def shelf(location: LocationCode) -> Account:
    return Account(f"shelf:{location}")


def carton(lpn: Lpn) -> Account:
    return Account(f"carton:{lpn}")


def putback(lpn: Lpn) -> Account:
    return Account(f"putback:{lpn}")


def balance(tx: Tx, account: Account, owner: Owner, sku: Sku) -> Balance:
    """Zero where there is no row."""
    found = tx.get(Balance, f"{account}|{owner}|{sku}")
    return found or Balance(account=account, owner=owner, sku=sku, qty=0)


def total(tx: Tx, owner: Owner, sku: Sku) -> StockTotal:
    return tx.get(StockTotal, f"{owner}|{sku}") or StockTotal(owner=owner, sku=sku)


def contents(tx: Tx, account: Account) -> list[Balance]:
    """What lies in a carton or on a shelf, by owner and item."""
    return [row for row in tx.find(Balance, account=account) if row.qty]


def weight_g(tx: Tx, account: Account) -> int:
    """Of the goods alone."""
    rows = [(row.qty, tx.get(Item, row.stock)) for row in contents(tx, account)]
    return sum(qty * item.weight_g for qty, item in rows if item)


def move(
    tx: Tx,
    *,
    owner: Owner,
    sku: Sku,
    qty: int,
    source: Account,
    target: Account,
    why: str,
    at: datetime,
    order: OrderKey | None = None,
    lpn: Lpn | None = None,
    by: str | None = None,
) -> None:
    """The only way in which a quantity changes; nothing happens for 0 pieces.

    The levels are told by `tell_levels`, once, when the rule has moved all that it moves.
    Raises Overdrawn, ValueError for a negative quantity.
    """
    if qty < 0:
        raise ValueError(f"{qty} pieces of {sku} cannot be moved")
    if not qty:
        return
    taken = balance(tx, source, owner, sku)
    _keep(tx, taken, replace(taken, qty=taken.qty - qty))
    given = balance(tx, target, owner, sku)
    _keep(tx, given, replace(given, qty=given.qty + qty))
    tx.emit(
        StockMoved(
            owner=owner,
            sku=sku,
            qty=qty,
            source=source,
            target=target,
            why=why,
            order=order,
            lpn=lpn,
            by=by,
            at=at,
        )
    )


def move_all(
    tx: Tx,
    source: Account,
    target: Account,
    *,
    why: str,
    at: datetime,
    order: OrderKey | None = None,
    lpn: Lpn | None = None,
    by: str | None = None,
) -> list[Balance]:
    """Empties an account into another; returns what it held."""
    rows = contents(tx, source)
    for row in rows:
        move(
            tx,
            owner=row.owner,
            sku=row.sku,
            qty=row.qty,
            source=source,
            target=target,
            why=why,
            at=at,
            order=order,
            lpn=lpn,
            by=by,
        )
    return rows


def promise(tx: Tx, owner: Owner, sku: Sku, location: LocationCode, qty: int) -> None:
    """Keeps pieces of a shelf for an order; a negative quantity gives them free again."""
    row = balance(tx, shelf(location), owner, sku)
    _keep(tx, row, replace(row, allocated=row.allocated + qty))


def put_in_count(tx: Tx, owner: Owner, sku: Sku, location: LocationCode, in_count: bool) -> None:
    row = balance(tx, shelf(location), owner, sku)
    _keep(tx, row, replace(row, in_count=in_count))


def open_shelf(
    tx: Tx, owner: Owner, sku: Sku, location: LocationCode, qty: int, by: str, at: datetime
) -> None:
    row = balance(tx, shelf(location), owner, sku)
    _keep(tx, row, replace(row, opened=qty))
    why = "opening stock"
    target = shelf(location)
    move(tx, owner=owner, sku=sku, qty=qty, source=OPENING, target=target, why=why, by=by, at=at)


def free_on(row: Balance) -> int:
    """What may still be promised of a shelf."""
    return 0 if row.in_count else row.qty - row.allocated


def free(tx: Tx, owner: Owner, sku: Sku) -> dict[LocationCode, int]:
    """Promisable pieces by shelf, in order of the location; empty shelves are left out."""
    rows = {at: balance(tx, shelf(at), owner, sku) for at in total(tx, owner, sku).shelves}
    return {location: free_on(row) for location, row in rows.items() if free_on(row) > 0}


def tell_levels(tx: Tx, owner: Owner, skus: Iterable[Sku], at: datetime) -> None:
    """One StockLevel for each item whose level is not what the hosts last heard."""
    safety = max((c.safety_stock for c in the_site(tx).channels if c.owner == owner), default=0)
    for sku in dict.fromkeys(skus):
        row = total(tx, owner, sku)
        level = (row.on_hand, max(0, row.on_hand - row.allocated - row.in_count - safety))
        if level != row.told:
            tx.save(replace(row, told=level))
            on_hand, available = level
            tx.emit(StockLevel(owner=owner, sku=sku, on_hand=on_hand, available=available, at=at))


def _keep(tx: Tx, before: Balance, after: Balance) -> None:
    if after.account.startswith(PHYSICAL) and not 0 <= after.allocated <= after.qty:
        raise Overdrawn(
            f"{after.account} would hold {after.qty} of {after.sku}, {after.allocated} promised"
        )
    if after.account.startswith("shelf:"):
        tx.save(after)
        tx.save(_summed(total(tx, after.owner, after.sku), before, after))
    elif after.qty:
        tx.save(after)
    else:
        tx.remove(Balance, after.key)


def _summed(row: StockTotal, before: Balance, after: Balance) -> StockTotal:
    location = LocationCode(after.account.removeprefix("shelf:"))
    others = set(row.shelves) - {location}
    return replace(
        row,
        on_hand=row.on_hand + after.qty - before.qty,
        allocated=row.allocated + after.allocated - before.allocated,
        in_count=row.in_count + _waiting_for_count(after) - _waiting_for_count(before),
        shelves=tuple(sorted(others | {location} if after.qty else others)),
    )


def _waiting_for_count(row: Balance) -> int:
    return row.qty - row.allocated if row.in_count else 0
