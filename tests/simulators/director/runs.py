"""A finished run in values: every book as it must be at the end of a story; tests spoil one."""

from typing import Any

from simulators.director.judge import Ours
from simulators.director.judge_floor import Sorting
from simulators.story import PlannedOrder, Story, plan

SORTING = Sorting(
    lane_of={"swift": "1", "parcelo": "2"},
    hospital="3",
    prefix={"swift": "SW", "parcelo": "PO"},
    sends_astray=frozenset({"gateway", "sorter1"}),
)
HERE = {"standard": ("swift", "SW", "1"), "express": ("parcelo", "PO", "2")}
SHELF = 100


class Run:
    """`witness` and `ours` are plain and may be changed."""

    def __init__(self, seed: int = 7, orders: int = 20) -> None:
        self.story: Story = plan(seed, orders)
        self.world: dict[str, Any] = {
            "cartons": [],
            "lanes": {"1": [], "2": [], "3": []},
            "hospital": [],
            "log": [],
            "missing": [],
        }
        self.shop: dict[str, Any] = _host(orders={}, stock={}, backwards=[])
        self.erp: dict[str, Any] = _host(shipments={}, stock={})
        self.carrier: dict[str, Any] = _host(labels={})
        self.orders: list[dict[str, Any]] = []
        self.cartons: list[dict[str, Any]] = []
        self.gone: dict[str, int] = {}
        for planned in self.story.orders:
            self._lived(planned)
        self._stock()

    @property
    def witness(self) -> dict[str, Any]:
        return {
            "world": self.world,
            "shop": self.shop,
            "erp": self.erp,
            "carrier": self.carrier,
        }

    @property
    def ours(self) -> Ours:
        books = {
            "items": self.items,
            "counts": [],
            "orders": self.orders,
            "cartons": self.cartons,
        }
        return {
            "books": books,
            "waiting": 0,
            "parked": 0,
            "replay_identical": True,
            "decision_ms": {"p50": 0.2, "p99": 0.9, "max": 3.0},
        }

    def order(self, fate: str) -> PlannedOrder:
        return next(one for one in self.story.orders if one.fate == fate)

    def carton(self, number: str) -> dict[str, Any]:
        lpn = next(row["lpn"] for row in self.cartons if row["order"] == f"shop:{number}")
        found: dict[str, Any] = next(row for row in self.world["cartons"] if row["lpn"] == lpn)
        return found

    def _lived(self, planned: PlannedOrder) -> None:
        end, number = planned.ends[0], planned.number
        seen: dict[str, Any] = {
            "status": "open",
            "heard": [{"status": "acknowledged"}],
            "cancellation": None,
        }
        if planned.cancel_when:
            result = "cancelled" if end == "cancelled" else "refused"
            seen |= {"status": "cancelled", "cancellation": {"result": result}}
        state = "shipped" if end in ("shipped", "partial") else end
        self.orders.append({"number": number, "key": f"shop:{number}", "state": state})
        self.shop["orders"][number] = seen
        if state == "shipped":
            seen["heard"] = [*seen["heard"], self._shipped(planned, end == "partial")]

    def _shipped(self, planned: PlannedOrder, partial: bool) -> dict[str, Any]:
        lpn = f"L{len(self.cartons) + 1:08}"
        carrier, prefix, lane = HERE[planned.service]
        tracking = f"{prefix}{len(self.cartons) + 1:010}"
        lines: list[dict[str, Any]] = [
            {"line": n.line, "sku": n.sku, "qty": n.qty} for n in planned.lines
        ]
        if partial:
            lines[-1]["qty"] -= 1
        parcels = [{"lpn": lpn, "tracking": tracking, "carrier": carrier}]
        contents = {line["sku"]: line["qty"] for line in lines}
        for sku, qty in contents.items():
            self.gone[sku] = self.gone.get(sku, 0) + qty
        carton = {"lpn": lpn, "contents": contents, "defect": None, "label": [lpn, tracking]}
        self.world["cartons"].append({**carton, "out": True, "place": f"truck:DOOR-{lane}"})
        self.world["lanes"][lane].append(lpn)
        self.carrier["labels"][lpn] = [tracking]
        self.cartons.append({"lpn": lpn, "order": f"shop:{planned.number}"})
        shipment = {"parcels": parcels, "lines": lines, "partial": partial}
        self.erp["shipments"][f"shop:{planned.number}"] = [shipment]
        return {"status": "shipped", **shipment}

    def _stock(self) -> None:
        self.world["initial"] = {sku: SHELF for sku in self.gone}
        self.world["shelf"] = [
            {"location": "A-01-1", "sku": sku, "qty": SHELF - gone}
            for sku, gone in self.gone.items()
        ]
        self.items = [_item(sku, gone) for sku, gone in self.gone.items()]
        for item in self.items:
            self.shop["stock"][item["sku"]] = item["on_hand"]
            self.erp["stock"][f"ACME|{item['sku']}"] = item["on_hand"]


def _host(**state: Any) -> dict[str, Any]:
    return {**state, "duplicates": [], "host": {"acted": 10}}


def _item(sku: str, gone: int) -> dict[str, Any]:
    accounts = {"opening": -SHELF, "shelf:A-01-1": SHELF - gone, "shipped": gone}
    return {
        "owner": "ACME",
        "sku": sku,
        "on_hand": SHELF - gone,
        "allocated": 0,
        "in_count": 0,
        "accounts": accounts,
        "shipped": gone,
        "balances": True,
    }
