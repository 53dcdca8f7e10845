"""An order comes in, or a newer version of one that we know: acknowledged, promised or held."""

from dataclasses import replace
from datetime import datetime

from wcs import allocating, handover, hosts
from wcs.events import OrderAccepted, OrderChanged
from wcs.lookup import channel_of, the_site
from wcs.model import Order, OrderLine, Pick
from wcs.names import Owner, order_key
from wcs.observations import OrderPlaced, WantedLine
from wcs.ports import Tx


def on_order_placed(placed: OrderPlaced, tx: Tx) -> None:
    channel = channel_of(the_site(tx), placed.channel)
    known = tx.get(Order, order_key(placed.channel, placed.number))
    why = nonsense(placed.lines)
    if channel is None:
        tx.answer("refused", f"{placed.channel} is no channel of this site")
    elif why:
        tx.answer("refused", f"order {placed.number}: {why}")
    elif known is None:
        _accept(tx, placed, channel.owner)
    elif placed.version > max(known.version, known.refused_version):
        _change(tx, known, placed)
    elif known.version < placed.version:
        tx.answer("refused", too_late(known))


def nonsense(lines: tuple[WantedLine, ...]) -> str:
    """What is wrong with the lines in themselves; empty when nothing is."""
    if not lines:
        return "it has no lines"
    if len({line.line for line in lines}) < len(lines):
        return "a line number comes twice"
    empty = [line for line in lines if line.qty < 1]
    return f"line {empty[0].line} wants {empty[0].qty} pieces" if empty else ""


def too_late(order: Order) -> str:
    if order.state in ("cancelled", "cancelling"):
        return f"order {order.number} is cancelled"
    if order.state == "picking":
        return f"picking of order {order.number} has begun"
    return f"order {order.number} is {order.state}"


def _accept(tx: Tx, placed: OrderPlaced, owner: Owner) -> None:
    order = Order(
        channel=placed.channel,
        number=placed.number,
        owner=owner,
        version=placed.version,
        lines=_lines(placed),
        service=placed.service,
        carrier=None,
        paid=placed.paid,
        customer=placed.customer,
        state="held",
        received_at=placed.at,
    )
    tx.emit(
        OrderAccepted(order=order.key, channel=order.channel, number=order.number, at=placed.at)
    )
    _plan(tx, hosts.tell(tx, order, "acknowledged", placed.at), placed.at)


def _plan(tx: Tx, order: Order, at: datetime) -> None:
    order = allocating.allocate(tx, order, at)
    allocating.settle(tx, order.owner, handover.skus_of(order), at)


def _change(tx: Tx, known: Order, placed: OrderPlaced) -> None:
    pick = next(tx.find(Pick, order=known.key, state="carton"), None)
    same = _lines(placed) == tuple(
        OrderLine(line=line.line, sku=line.sku, qty=line.qty) for line in known.lines
    )
    if known.state in ("held", "waiting") or pick:
        _change_early(tx, known, placed, pick)
    elif (
        same and placed.service == known.service and known.state not in ("cancelled", "cancelling")
    ):
        tx.save(replace(known, version=placed.version, customer=placed.customer))
        _say(tx, known, placed, True, "nothing changes for the goods")
    else:
        tx.save(replace(known, refused_version=placed.version))
        _say(tx, known, placed, False, too_late(known))
        tx.answer("refused", too_late(known))


def _change_early(tx: Tx, known: Order, placed: OrderPlaced, pick: Pick | None) -> None:
    stopped = handover.stop(tx, pick, "changed", placed.at) if pick else known
    order = replace(
        allocating.give_back(tx, stopped),
        version=placed.version,
        lines=_lines(placed),
        service=placed.service,
        paid=placed.paid,
        customer=placed.customer,
        state="held",
        reason="",
    )
    _say(tx, order, placed, True, "not picked yet")
    order = allocating.allocate(tx, order, placed.at)
    touched = (*handover.skus_of(known), *handover.skus_of(order))
    allocating.came_free(tx, order.owner, touched, placed.at)


def _say(tx: Tx, order: Order, placed: OrderPlaced, accepted: bool, why: str) -> None:
    tx.emit(
        OrderChanged(
            order=order.key, version=placed.version, accepted=accepted, why=why, at=placed.at
        )
    )


def _lines(placed: OrderPlaced) -> tuple[OrderLine, ...]:
    return tuple(OrderLine(line=line.line, sku=line.sku, qty=line.qty) for line in placed.lines)
