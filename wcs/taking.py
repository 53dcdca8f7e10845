"""The pieces of one step, from their shelf into the carton."""

from dataclasses import replace
from datetime import datetime

from wcs import stock
from wcs.events import LinePicked
from wcs.lookup import existing
from wcs.model import Carton, Order, Pick, Step
from wcs.names import LocationCode
from wcs.ports import Tx


def take(tx: Tx, pick: Pick, step: Step, by: str | None, at: datetime) -> Order:
    """The pieces from the shelf into the carton, the step's promise used up or given back. Returns
    the order as it is saved."""
    order, lpn = existing(tx, Order, pick.order), existing(tx, Carton, str(pick.lpn)).lpn
    promised = [made for made in order.promises if (made.line, made.location) == _place(step)]
    for made in promised:
        stock.promise(tx, order.owner, made.sku, made.location, -made.qty)
    _find_more(tx, order, step, at)
    stock.move(
        tx,
        owner=order.owner,
        sku=step.sku,
        qty=step.picked,
        source=stock.shelf(step.location),
        target=stock.carton(lpn),
        why="picked",
        order=order.key,
        lpn=lpn,
        by=by,
        at=at,
    )
    order = replace(
        order,
        promises=tuple(made for made in order.promises if made not in promised),
        lines=tuple(
            replace(line, picked=line.picked + step.picked) if line.line == step.line else line
            for line in order.lines
        ),
    )
    tx.save(order)
    if step.picked:
        tx.emit(
            LinePicked(
                order=order.key,
                lpn=lpn,
                location=step.location,
                sku=step.sku,
                qty=step.picked,
                by=by,
                at=at,
            )
        )
    return order


def _place(step: Step) -> tuple[int, LocationCode]:
    return step.line, step.location


def _find_more(tx: Tx, order: Order, step: Step, at: datetime) -> None:
    """A count took the step's promise away and the picker found the pieces all the same."""
    row = stock.balance(tx, stock.shelf(step.location), order.owner, step.sku)
    missing = step.picked - (row.qty - row.allocated)
    if missing > 0:
        stock.move(
            tx,
            owner=order.owner,
            sku=step.sku,
            qty=missing,
            source=stock.COUNT,
            target=row.account,
            why="the picker found more than was counted",
            order=order.key,
            at=at,
        )
