"""Order lists made from seeds, to measure batching on; with the best that is known for each."""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from routing.batch import Order, Unit
from routing.layout import Layout, layout_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """best_mm: the shortest batching that any long run has found; proved: nothing is shorter."""

    blocks: int
    aisles: int
    bays: int
    orders: int
    lines: tuple[int, int]
    capacity: int
    unit: Unit = "orders"
    abc: bool = False
    seed: int
    best_mm: int = 0
    proved: bool = False

    def layout(self) -> Layout:
        return warehouse(self.blocks, self.aisles, self.bays)

    def wanted(self) -> list[Order]:
        """Lines drawn evenly, or by demand: a tenth of the bays has half of the lines."""
        chance = random.Random(self.seed)
        bays = [node.id for node in self.layout().nodes.values() if node.kind == "bay"]
        weights = [_demand(i / len(bays)) if self.abc else 1.0 for i in range(len(bays))]
        counts = [chance.randint(*self.lines) for _ in range(self.orders)]
        return [
            Order(id=f"O{i:03d}", picks=chance.choices(bays, weights, k=lines))
            for i, lines in enumerate(counts)
        ]


def _demand(place: float) -> float:
    """Classes A, B, C of 10, 30 and 60 % of the articles with 52, 36 and 12 % of the lines."""
    return 5.2 if place < 0.1 else 1.2 if place < 0.4 else 0.2


@lru_cache
def warehouse(blocks: int, aisles: int, bays: int) -> Layout:
    block = {"id": "A", "aisles": aisles, "bays": bays, "blocks": blocks}
    depot = {"id": "depot", "x": 0, "y": -2, "kind": "depot"}
    edge = {"u": "depot", "v": "A-x0-01"}
    return layout_from({"blocks": [block], "nodes": [depot], "edges": [edge]}, "benchmark")


def _hundred(seed: int, **asked: Any) -> Instance:
    shape: dict[str, Any] = {"blocks": 1, "aisles": 10, "bays": 45, "lines": (1, 10)}
    return Instance(orders=100, seed=seed, **{**shape, **asked})


KNOWN = (
    _hundred(1, capacity=6, best_mm=5_110_000),
    _hundred(2, capacity=6, blocks=2, best_mm=4_546_000),
    _hundred(3, capacity=10, aisles=20, bays=50, blocks=2, lines=(1, 6), best_mm=3_958_000),
    _hundred(11, capacity=45, unit="items", best_mm=4_282_000),
    _hundred(12, capacity=75, unit="items", abc=True, best_mm=2_074_000),
    _hundred(
        14, capacity=30, unit="items", abc=True, blocks=2, aisles=12, bays=40, best_mm=3_708_000
    ),
    _hundred(15, capacity=4, blocks=3, best_mm=4_960_000),
    _hundred(16, capacity=8, aisles=20, bays=50, abc=True, best_mm=4_590_000),
)
