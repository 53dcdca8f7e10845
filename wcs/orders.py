"""An order comes in."""

from wcs.observations import OrderPlaced
from wcs.ports import Tx


def on_order_placed(seen: OrderPlaced, tx: Tx) -> None:
    raise NotImplementedError
