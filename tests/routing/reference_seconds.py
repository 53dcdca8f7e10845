"""The seconds of a walk, and the fewest seconds possible, read off the words of docs/routing.md.

A step takes its length at the pace, or at the edge's own speed, times the edge's factor. Turning
from where an aisle does not go on into it takes time, and so does starting to walk in mid-aisle;
turning round where there is no crossing; waiting for each lift ride; each stop; each pick.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count, pairwise
from typing import Any

from tests.routing.reference_best import FAR, Asked, Data, Step, slots, steps

Pace = Mapping[str, int]


class Clock:
    """What one step costs after another, in milliseconds."""

    def __init__(self, data: Data, asked: Asked, pace: Pace) -> None:
        self.pace, self.steps = pace, steps(data, asked)
        self.kind: dict[Step, str] = {}
        self.speed: dict[Step, float] = {}
        self.beside: dict[str, dict[str, str]] = {str(row["id"]): {} for row in data["nodes"]}
        for edge in data["edges"]:
            u, v, kind = str(edge["u"]), str(edge["v"]), edge.get("kind", "path")
            for ends in ((u, v), (v, u)):
                self.kind[ends] = kind
                self.beside[ends[0]][ends[1]] = kind
                if not edge.get("oneway") or ends == (u, v):
                    self.speed[ends] = edge.get("speed", pace["walk_mm_s"] / 1000)

    def in_mid_aisle(self, node: str) -> bool:
        return [*self.beside[node].values()] == ["aisle", "aisle"]

    def step(self, before: str | None, u: str, v: str) -> int:
        """From u to v, having come from `before`, None at the start."""
        ms = int(self.steps[u, v] / self.speed[u, v] + 0.5)
        if self.kind[u, v] == "aisle" and (before is None or not self.in_mid_aisle(u)):
            ms += self.pace["aisle_entry_ms"]
        if before == v and len(self.beside[u]) <= 2:
            ms += self.pace["turn_ms"]
        riding = before is not None and self.kind[before, u] == "lift"
        return ms + (self.pace["lift_wait_ms"] if self.kind[u, v] == "lift" and not riding else 0)

    def walk(self, walk: Sequence[str]) -> int:
        before = [None, *walk]
        return sum(self.step(b, u, v) for b, (u, v) in zip(before, pairwise(walk), strict=False))

    def at_the_shelves(self, stops: Iterable[str], picks: int) -> int:
        return self.pace["stop_ms"] * len(set(stops)) + self.pace["pick_ms"] * picks


def seconds(data: Data, asked: Asked, pace: Pace, answer: Data) -> float:
    """Of an answer: of its walk and of what it serves."""
    clock = Clock(data, asked, pace)
    picks = len(asked.picks) + len(asked.groups)
    return (clock.walk(answer["walk"]) + clock.at_the_shelves(answer["visit_order"], picks)) / 1000


def fewest_seconds(data: Data, asked: Asked, pace: Pace) -> float:
    """Dijkstra 1959 over (come from, here, what is served); FAR when there is no walk. No group."""
    rows, before = slots(asked)
    clock, tie = Clock(data, asked, pace), count()
    every = (1 << len(rows)) - 1

    def served(node: str, done: int) -> int:
        for _ in rows:
            for i, row in enumerate(rows):
                if node in row and all(done >> j & 1 for j in before[i]):
                    done |= 1 << i
        return done

    closed, done = set(asked.closed_nodes), set[Any]()
    heap: list[Any] = [(0, next(tie), None, asked.start, served(asked.start, 0))]
    out: dict[str, list[str]] = {}
    for u, v in clock.steps:
        out.setdefault(u, []).append(v)
    while heap and not closed & {asked.start, asked.end}:
        ms, _, come, here, seen = heappop(heap)
        if here == asked.end and seen == every:
            return (ms + clock.at_the_shelves(asked.picks, len(asked.picks))) / 1000
        if (come, here, seen) not in done:
            done.add((come, here, seen))
            for there in out.get(here, ()):
                later = ms + clock.step(come, here, there)
                heappush(heap, (later, next(tie), here, there, served(there, seen)))
    return FAR
