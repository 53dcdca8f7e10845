"""Which host hears of which event: pure, decided in the transaction that made the event true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.hostmessage import HostMessage
from wcs.events import (
    CancelRefused,
    Event,
    LabelRequested,
    OrderCancelled,
    OrderProgressed,
    OrderShipped,
    StockLevel,
)
from wcs.names import ChannelId, Owner

ERP = "erp"


@dataclass(frozen=True, slots=True)
class Routes:
    """`channels`: channel -> the owner whose goods it sells. Carriers are hosts by their own id."""

    channels: Mapping[ChannelId, Owner]
    erp: bool = True

    def __call__(self, event: Event) -> Sequence[HostMessage]:
        """The messages of one event; ordered per key (`order:NUMBER`, `stock:SKU`, an LPN)."""
        match event:
            case OrderProgressed():
                return [_of_order(event, "status")]
            case OrderCancelled():
                return [_of_order(event, "cancelled")]
            case CancelRefused():
                return [_of_order(event, "cancel_refused")]
            case OrderShipped():
                key = f"order:{event.order}"
                return [HostMessage(ERP, key, "shipment")] if self.erp else []
            case StockLevel():
                return self._levels(event)
            case LabelRequested():
                return [HostMessage(event.carrier, event.lpn, "label")]
            case _:
                return ()

    def _levels(self, level: StockLevel) -> Sequence[HostMessage]:
        hosts = [channel for channel, owner in self.channels.items() if owner == level.owner]
        hosts += [ChannelId(ERP)] if self.erp else []
        key = f"stock:{level.owner}:{level.sku}"
        return [HostMessage(host, key, "stock", newest_wins=True) for host in hosts]


def _of_order(event: OrderProgressed | OrderCancelled | CancelRefused, kind: str) -> HostMessage:
    return HostMessage(event.channel, f"order:{event.number}", kind)
