"""The demo ERP (docs/wires.md section 10): shipments once, stock levels absolute."""

from collections.abc import Sequence
from typing import Any

from sync.connectors.demo_shop import version_of
from sync.connectors.port import Capabilities, Delivered, Outgoing
from sync.connectors.rest import Rest, receipt_of
from wcs.events import OrderShipped, StockLevel
from wcs.messages import loads


class DemoErp:
    capabilities = Capabilities(idempotency="key")

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Delivered]:
        (message,) = batch
        method, path, body = request_of(message)
        answer = await self._rest.call(method, path, body=body, key=message.id)
        return [Delivered(receipt_of(answer))]

    async def find(self, message: Outgoing) -> Delivered | None:
        return None


def request_of(message: Outgoing) -> tuple[str, str, dict[str, Any]]:
    """Method, path and body of one message. Raises ValueError for a kind the ERP does not know."""
    match message.kind:
        case "shipment":
            return "POST", "/shipments", _shipment(loads("OrderShipped", message.body))
        case "stock":
            level: StockLevel = loads("StockLevel", message.body)
            body = {"on_hand": level.on_hand, "version": version_of(message.id)}
            return "PUT", f"/stock/{level.owner}/{level.sku}", body
        case _:
            raise ValueError(f"the ERP does not take messages of kind {message.kind}")


def _shipment(event: OrderShipped) -> dict[str, Any]:
    return {
        "order": event.order,
        "owner": event.owner,
        "load": event.load,
        "partial": event.partial,
        "parcels": [
            {"lpn": p.lpn, "tracking": p.tracking, "carrier": p.carrier, "weight_g": p.weight_g}
            for p in event.parcels
        ],
        "lines": [{"line": n.line, "sku": n.sku, "qty": n.qty} for n in event.lines],
    }
