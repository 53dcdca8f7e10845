"""What the shop knows: its orders, what it was told of them, and what it has yet to tell."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from simulators.hosts.http import Reply, Request

STATUSES = ("acknowledged", "picking", "packed", "shipped")
SOME_BODY = {"name": "Erika Mustermann", "street": "Heidestrasse 17", "city": "51147 Köln"}
SOME_LINES = [{"line": 1, "sku": "SKU-001", "qty": 1}]
FIRST_VISITOR = 9001
"""Numbers of orders that somebody places by hand; the story's own lie below."""


@dataclass(slots=True)
class ShopOrder:
    number: str
    lines: list[dict[str, Any]]
    service: str
    paid: bool
    ship_to: dict[str, Any]
    placed_at: str
    version: int = 1
    status: str = "open"
    updated: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)
    cancellation: dict[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """ORDER of the wire."""
        return {
            "number": self.number,
            "version": self.version,
            "status": self.status,
            "lines": self.lines,
            "service": self.service,
            "paid": self.paid,
            "ship_to": self.ship_to,
            "placed_at": self.placed_at,
            "updated": self.updated,
        }

    def told(self) -> list[str]:
        """The statuses it was told, in order."""
        return [heard["status"] for heard in self.heard]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook, to be repeated until it is taken."""

    id: str
    number: str
    body: dict[str, Any]


class ShopBook:
    def __init__(self) -> None:
        self.orders: dict[str, ShopOrder] = {}  # the one changed last is the last
        self.waiting: dict[str, list[Delivery]] = {}  # by order, oldest first
        self.delivered = 0
        self.told: Counter[str] = Counter()
        self.opened_at: str | None = None
        self._stock: dict[str, dict[str, int]] = {}
        self._updates = 0
        self._duplicates: list[str] = []
        self._backwards: list[str] = []

    def answer(self, request: Request) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["control", "told"]:
                return Reply(200, {"told": dict(self.told), "orders": len(self.orders)})
            case "GET", ["orders"]:
                return self._changed_since(request.query)
            case "GET", ["orders", number]:
                return Reply(200, self._seen(self.orders[number]))
            case "POST", ["orders", number, "status"]:
                return self._hear(self.orders[number], request)
            case "POST", ["orders", number, "cancellation"]:
                return self._hear_cancellation(self.orders[number], request)
            case "PUT", ["stock", sku]:
                return self._set_stock(sku, request)
            case "POST", ["control", act, *subject]:
                return self._do(act, subject, request)
            case _:
                raise KeyError(f"{request.method} {request.path}")

    def state(self) -> dict[str, Any]:
        return {
            "orders": {number: self._seen(order) for number, order in self.orders.items()},
            "stock": {sku: level["available"] for sku, level in self._stock.items()},
            "duplicates": self._duplicates,
            "backwards": self._backwards,
            "delivered": self.delivered,
            "undelivered": sum(map(len, self.waiting.values())),
        }

    # --- what the gateway says -------------------------------------------------------------------

    def _changed_since(self, query: dict[str, str]) -> Reply:
        after, limit = int(query.get("after", "0")), int(query.get("limit", "100"))
        newest_first = takewhile(lambda o: o.updated > after, reversed(self.orders.values()))
        found = list(newest_first)[::-1][:limit]
        documents = [order.document() for order in found]
        return Reply(200, {"orders": documents, "next": found[-1].updated if found else after})

    def _hear(self, order: ShopOrder, request: Request) -> Reply:
        told = request.json()
        status = told.get("status")
        if status not in STATUSES:
            raise ValueError(f"status {status!r} is none of {', '.join(STATUSES)}")
        key = request.headers.get("idempotency-key", "")
        heard = order.told()
        if status in heard:
            self._duplicates.append(f"order {order.number} was told {status} again, key {key}")
        elif any(STATUSES.index(past) > STATUSES.index(status) for past in heard):
            self._backwards.append(f"order {order.number} was told {status} after {heard[-1]}")
        self.told[status] += 1
        order.heard.append({**told, "at": request.at, "key": key})
        return Reply(200, {"number": order.number, "status": status})

    def _hear_cancellation(self, order: ShopOrder, request: Request) -> Reply:
        told = request.json()
        if told.get("result") not in ("cancelled", "refused"):
            raise ValueError("result must be cancelled or refused")
        key = request.headers.get("idempotency-key", "")
        if order.cancellation is not None:
            again = f"order {order.number} had its cancellation answered again, key {key}"
            self._duplicates.append(again)
        order.cancellation = {**told, "at": request.at, "key": key}
        return Reply(200, {"number": order.number, "result": told["result"]})

    def _set_stock(self, sku: str, request: Request) -> Reply:
        told = request.json()
        available, version = told.get("available"), told.get("version")
        if not isinstance(available, int) or not isinstance(version, int):
            raise ValueError("available and version must be whole numbers")
        known = self._stock.get(sku)
        if known is None or version > known["version"]:
            self._stock[sku] = {"available": available, "version": version}
        return Reply(200, {"sku": sku, **self._stock[sku]})

    # --- what its customers do -------------------------------------------------------------------

    def _do(self, act: str, subject: list[str], request: Request) -> Reply:
        match act, subject:
            case "open", []:
                self.opened_at = self.opened_at or request.at
                return Reply(200)
            case "place", []:
                return self._place(request)
            case "cancel", [number]:
                return self._cancel(self.orders[number])
            case "change", [number]:
                return self._change(self.orders[number], request.json())
            case "delivered", [number, delivery]:
                return self._delivered(number, delivery)
            case _:
                raise KeyError(request.path)

    def _place(self, request: Request) -> Reply:
        asked = request.json()
        number = str(asked.get("number") or self._visitor_number())
        if number in self.orders:
            raise ValueError(f"order {number} exists")
        order = ShopOrder(
            number=number,
            lines=_lines(asked.get("lines") or SOME_LINES),
            service=str(asked.get("service", "standard")),
            paid=bool(asked.get("paid", True)),
            ship_to=asked.get("ship_to") or SOME_BODY,
            placed_at=request.at,
            version=0,
        )
        return self._changed(order, "order.placed")

    def _cancel(self, order: ShopOrder) -> Reply:
        if order.status == "cancelled":
            raise ValueError(f"order {order.number} is cancelled already")
        order.status = "cancelled"
        return self._changed(order, "order.cancelled")

    def _change(self, order: ShopOrder, asked: dict[str, Any]) -> Reply:
        if "lines" in asked:
            order.lines = _lines(asked["lines"])
        order.paid = bool(asked.get("paid", order.paid))
        return self._changed(order, "order.changed")

    def _changed(self, order: ShopOrder, kind: str) -> Reply:
        self._updates += 1
        order.version, order.updated = order.version + 1, self._updates
        self.orders.pop(order.number, None)
        self.orders[order.number] = order
        delivery = f"msg_{self._updates:06d}"
        body = {"type": kind, "order": order.document()}
        self.waiting.setdefault(order.number, []).append(Delivery(delivery, order.number, body))
        return Reply(201, order.document())

    def _delivered(self, number: str, delivery: str) -> Reply:
        rest = [waiting for waiting in self.waiting[number] if waiting.id != delivery]
        self.delivered += len(self.waiting[number]) - len(rest)
        self.waiting[number] = rest
        if not rest:
            del self.waiting[number]
        return Reply(200)

    def _visitor_number(self) -> int:
        numbers = [int(number) for number in self.orders if number.isdigit()]
        return max([FIRST_VISITOR - 1, *numbers]) + 1

    @staticmethod
    def _seen(order: ShopOrder) -> dict[str, Any]:
        return {**order.document(), "heard": order.heard, "cancellation": order.cancellation}


def _lines(lines: Any) -> list[dict[str, Any]]:
    """Raises ValueError unless every line has a number, a SKU and a quantity of one or more."""
    try:
        made: list[dict[str, Any]] = [
            {"line": int(line.get("line", n)), "sku": str(line["sku"]), "qty": int(line["qty"])}
            for n, line in enumerate(lines, start=1)
        ]
    except (TypeError, KeyError, AttributeError) as err:
        raise ValueError(f"a line needs sku and qty: {err}") from err
    if not made or any(line["qty"] < 1 for line in made):
        raise ValueError("an order needs lines of one piece or more")
    return made
