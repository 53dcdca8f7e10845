"""How far it is between two nodes of the site's layout, free or in blocks, for people on foot."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any

Node = Mapping[str, Any]
Ways = Mapping[str, Mapping[str, float]]


class Walks(dict[str, dict[str, float]]):
    """Metres from a node to all others, worked out when somebody first stands there (Dijkstra
    1959, doi:10.1007/BF01386390)."""

    def __init__(self, ways: Ways) -> None:
        super().__init__()
        self._ways = ways

    def __missing__(self, start: str) -> dict[str, float]:
        metres: dict[str, float] = {}
        heap = [(0.0, start)]
        while heap:
            far, here = heappop(heap)
            if here not in metres:
                metres[here] = far
                for there, length in self._ways.get(here, {}).items():
                    heappush(heap, (far + length, there))
        self[start] = metres
        return metres


def walks(layout: Mapping[str, Any]) -> Walks:
    """People ignore one-way signs."""
    at = {str(node["id"]): node for node in layout.get("nodes") or ()}
    ways: dict[str, dict[str, float]] = defaultdict(dict)
    for u, v, length in [*_free(layout, at), *_in_blocks(layout)]:
        ways[u][v] = ways[v][u] = min(length, ways[u].get(v, math.inf))
    return Walks(ways)


def bays(layout: Mapping[str, Any]) -> dict[str, str]:
    """Location -> node of every shelf face that the blocks bring along."""
    return {
        f"{node}-{level}-{side[0].upper()}": node
        for block in layout.get("blocks") or ()
        for aisle in range(1, block["aisles"] + 1)
        for node in (f"{block['id']}-{aisle:02}-{bay:03}" for bay in range(1, block["bays"] + 1))
        for level in range(1, block.get("levels", 1) + 1)
        for side in block.get("sides", ("left", "right"))
    }


def _free(layout: Mapping[str, Any], at: Mapping[str, Node]) -> Iterator[tuple[str, str, float]]:
    for edge in layout.get("edges") or ():
        u, v = str(edge["u"]), str(edge["v"])
        length = _metres(edge, "length", -1.0)
        if length < 0:
            length = math.dist(_place(layout, at, u), _place(layout, at, v))
        yield u, v, length


def _in_blocks(layout: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    for block in layout.get("blocks") or ():
        aisles = [_aisle(block, aisle) for aisle in range(1, block["aisles"] + 1)]
        for aisle in aisles:
            for (u, low), (v, high) in pairwise(aisle):
                yield u, v, high - low
        pitch = _metres(block, "aisle_pitch", 3.0)
        for here, there in pairwise(aisles):
            for (u, _), (v, _) in zip(here, there, strict=True):
                if "-x" in u:
                    yield u, v, pitch


def _aisle(block: Mapping[str, Any], aisle: int) -> list[tuple[str, float]]:
    """Its nodes from the front, with the metres from there."""
    name, parts, bay, y = block["id"], block.get("blocks", 1), 0, 0.0
    cross, pitch = _metres(block, "cross", 1.0), _metres(block, "bay_pitch", 1.0)
    found = [(f"{name}-x0-{aisle:02}", y)]
    for part in range(1, parts + 1):
        step = cross
        while bay < block["bays"] * part // parts:
            bay, y, step = bay + 1, y + step, pitch
            found.append((f"{name}-{aisle:02}-{bay:03}", y))
        y += cross
        found.append((f"{name}-x{part}-{aisle:02}", y))
    return found


def _place(layout: Mapping[str, Any], at: Mapping[str, Node], node: str) -> tuple[float, float]:
    if node in at:
        return _metres(at[node], "x", 0.0), _metres(at[node], "y", 0.0)
    for block in layout.get("blocks") or ():
        for aisle in range(1, block["aisles"] + 1):
            for name, y in _aisle(block, aisle):
                if name == node:
                    x = _metres(block, "x", 0.0) + (aisle - 1) * _metres(block, "aisle_pitch", 3.0)
                    return x, _metres(block, "y", 0.0) + y
    raise KeyError(node)


def _metres(row: Mapping[str, Any], key: str, default: float) -> float:
    if f"{key}_mm" in row:
        return float(row[f"{key}_mm"]) / 1000
    return float(row.get(key, row.get(f"{key}_m", default)))
