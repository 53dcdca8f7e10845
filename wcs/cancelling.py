"""A cancellation, by how far the order has come."""

from wcs.observations import OrderCancelAsked
from wcs.ports import Tx


def on_order_cancel_asked(seen: OrderCancelAsked, tx: Tx) -> None:
    raise NotImplementedError
