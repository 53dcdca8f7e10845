"""What the shop is told of an order: each step once, never backwards."""

from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from wcs.events import CancelRefused, OrderCancelled, OrderProgressed, Parcel, ShippedLine
from wcs.model import Order
from wcs.ports import Tx

Status = Literal["acknowledged", "picking", "packed", "shipped"]
RANK: Final[dict[Status, int]] = {"acknowledged": 1, "picking": 2, "packed": 3, "shipped": 4}
CANCELLED: Final = 5


def tell(
    tx: Tx, order: Order, status: Status, at: datetime, *, parcels: tuple[Parcel, ...] = ()
) -> Order:
    """The order as it is saved; nothing is told when the shop is as far or further."""
    if order.told >= RANK[status]:
        return order
    order = replace(order, told=RANK[status])
    tx.save(order)
    tx.emit(
        OrderProgressed(
            order=order.key,
            channel=order.channel,
            number=order.number,
            status=status,
            partial=is_partial(order) if status in ("packed", "shipped") else False,
            parcels=parcels,
            lines=picked_lines(order),
            at=at,
        )
    )
    return order


def tell_cancelled(tx: Tx, order: Order, why: str, at: datetime) -> Order:
    """The order as it is saved. What has been told as shipped stays shipped."""
    if order.told >= RANK["shipped"]:
        return order
    order = replace(order, told=CANCELLED)
    tx.save(order)
    tx.emit(
        OrderCancelled(order=order.key, channel=order.channel, number=order.number, why=why, at=at)
    )
    return order


def tell_cancel_refused(tx: Tx, order: Order, why: str, at: datetime) -> None:
    tx.emit(
        CancelRefused(order=order.key, channel=order.channel, number=order.number, why=why, at=at)
    )


def is_partial(order: Order) -> bool:
    """Whether less goes out than was ordered."""
    return any(line.picked < line.qty for line in order.lines)


def picked_lines(order: Order) -> tuple[ShippedLine, ...]:
    return tuple(
        ShippedLine(line=line.line, sku=line.sku, qty=line.picked)
        for line in order.lines
        if line.picked
    )
