"""A cancellation, by how far the order has come.

    held, waiting, no carton yet   stock freed, cancelled at once
    being picked                   lamps out, cancelled; the carton goes to the hospital lane
    on its way, sorted             cancelled when the carton is in the hospital, unless it leaves
    shipped                        refused

The order is `cancelling` until its goods lie on a shelf again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from wcs import allocating, handover, hospital, hosts, stock
from wcs.lookup import channel_of, the_site
from wcs.model import Carton, Order, Pick
from wcs.names import Owner, order_key
from wcs.observations import OrderCancelAsked
from wcs.ports import Tx

ASKED: Final = "the shop asked"
PUT_BACK: Final = "cancelled, put back"
SHIPPED: Final = "shipped"


def on_order_cancel_asked(asked: OrderCancelAsked, tx: Tx) -> None:
    channel = channel_of(the_site(tx), asked.channel)
    order = tx.get(Order, order_key(asked.channel, asked.number))
    if channel is None:
        tx.answer("refused", f"{asked.channel} is no channel of this site")
    elif order is None:
        _remember(tx, asked, channel.owner)
    elif order.state == "shipped":
        _refuse(tx, order, asked)
    elif order.state not in ("cancelled", "cancelling") and asked.version >= order.version:
        _cancel(tx, order, asked.at)


def _remember(tx: Tx, asked: OrderCancelAsked, owner: Owner) -> None:
    """The cancellation overtook its order; when that comes it finds itself cancelled."""
    order = Order(
        channel=asked.channel,
        number=asked.number,
        owner=owner,
        version=asked.version,
        lines=(),
        service="",
        carrier=None,
        paid=False,
        customer=None,
        state="cancelled",
        reason="cancelled before it was placed",
        received_at=asked.at,
    )
    hosts.tell_cancelled(tx, order, order.reason, asked.at)


def _refuse(tx: Tx, order: Order, asked: OrderCancelAsked) -> None:
    tx.answer("refused", SHIPPED)
    if asked.version > order.refused_version:
        tx.save(replace(order, refused_version=asked.version))
        hosts.tell_cancel_refused(tx, order, SHIPPED, asked.at)


def _cancel(tx: Tx, order: Order, at: datetime) -> None:
    pick = _open_pick(tx, order)
    carton = tx.get(Carton, order.lpn) if order.lpn else None
    if pick:
        order = handover.stop(tx, pick, PUT_BACK, at)
        goods = bool(pick.lpn and stock.contents(tx, stock.carton(pick.lpn)))
        _end(tx, order, at, put_back=goods)
    elif carton:
        tx.save(replace(order, state="cancelling", reason=ASKED))
        hospital.on_carton_cancelled(tx, carton, at)
    else:
        _end(tx, allocating.give_back(tx, order), at, put_back=False)


def _open_pick(tx: Tx, order: Order) -> Pick | None:
    picks = tx.find(Pick, order=order.key)
    return next((pick for pick in picks if pick.state in ("carton", "picking")), None)


def _end(tx: Tx, order: Order, at: datetime, put_back: bool) -> None:
    order = replace(order, state="cancelling" if put_back else "cancelled", reason=ASKED)
    tx.save(order)
    hosts.tell_cancelled(tx, order, ASKED, at)
    allocating.came_free(tx, order.owner, handover.skus_of(order), at)
