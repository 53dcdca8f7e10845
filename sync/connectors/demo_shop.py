"""The demo shop (docs/wires.md section 10): every act carries the event's id as its key."""

from collections.abc import Sequence
from typing import Any

from sync.connectors.port import Capabilities, Delivered, Outgoing
from sync.connectors.rest import Rest, receipt_of
from wcs.events import CancelRefused, OrderCancelled, OrderProgressed, StockLevel
from wcs.messages import loads


class DemoShop:
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

    async def changed_orders(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """Orders changed since the cursor, oldest first, and the next cursor."""
        answer = await self._rest.call("GET", "/orders", params={"after": after, "limit": limit})
        return answer["orders"], int(answer["next"])


def request_of(message: Outgoing) -> tuple[str, str, dict[str, Any]]:
    """Method, path and body of one message. Raises ValueError for a kind the shop does not know."""
    match message.kind:
        case "status":
            event: OrderProgressed = loads("OrderProgressed", message.body)
            return "POST", f"/orders/{event.number}/status", _status(event)
        case "cancelled":
            gone: OrderCancelled = loads("OrderCancelled", message.body)
            return _cancellation(gone.number, "cancelled", gone.why)
        case "cancel_refused":
            kept: CancelRefused = loads("CancelRefused", message.body)
            return _cancellation(kept.number, "refused", kept.why)
        case "stock":
            level: StockLevel = loads("StockLevel", message.body)
            body = {"available": level.available, "version": version_of(message.id)}
            return "PUT", f"/stock/{level.sku}", body
        case _:
            raise ValueError(f"the shop does not take messages of kind {message.kind}")


def version_of(message_id: str) -> int:
    """A number that grows with the event: sequence and ordinal of `sequence-ordinal|host`."""
    sequence, ordinal = message_id.split("|")[0].split("-")
    return int(sequence) * 1000 + int(ordinal)


def _status(event: OrderProgressed) -> dict[str, Any]:
    return {
        "status": event.status,
        "partial": event.partial,
        "parcels": [
            {"lpn": p.lpn, "tracking": p.tracking, "carrier": p.carrier} for p in event.parcels
        ],
        "lines": [{"line": n.line, "sku": n.sku, "qty": n.qty} for n in event.lines],
    }


def _cancellation(number: str, result: str, why: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", f"/orders/{number}/cancellation", {"result": result, "reason": why}
