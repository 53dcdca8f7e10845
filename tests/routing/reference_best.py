"""The shortest walk by enumeration: slow, obvious, and without a line of `routing`.

Distances by Dijkstra over the plain JSON graph, then every order of the stops by Held and Karp's
recursion, with precedence and alternatives as conditions on it. Integer millimetres.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush
from typing import Any

FAR = 10**15
Data = dict[str, Any]
Step = tuple[str, str]
Miles = Callable[[str, str], int]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request in the words of the command line."""

    start: str
    end: str
    picks: tuple[str, ...] = ()
    precedence: tuple[tuple[int, int], ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    blocked_edges: tuple[Step, ...] = ()
    closed_nodes: tuple[str, ...] = ()
    edge_factor: tuple[tuple[str, str, float], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def json(self) -> Data:
        """As a stranger would write it: what is empty is left out."""
        rows = {name: getattr(self, name) for name in OPTIONAL}
        given = {name: rows[name] for name in OPTIONAL if rows[name]}
        return {"start": self.start, "end": self.end, "picks": self.picks, **given, **self.more}


OPTIONAL = ("precedence", "groups", "blocked_edges", "closed_nodes", "edge_factor")


def steps(data: Data, asked: Asked) -> dict[Step, int]:
    """What one step costs today: effective millimetres by (from, to); shut ones are left out.

    Blocking names both directions. A factor, too, unless each direction is an edge of its own.
    """
    shut = {frozenset(ends) for ends in asked.blocked_edges}
    factors = {(u, v): f for u, v, f in asked.edge_factor}
    rows = {(str(edge["u"]), str(edge["v"])): edge for edge in data["edges"]}
    found: dict[Step, int] = {}
    for (u, v), edge in rows.items():
        if {u, v} & set(asked.closed_nodes) or frozenset((u, v)) in shut:
            continue
        factor = factors.get((u, v), 1 if (v, u) in rows else factors.get((v, u), 1))
        found[u, v] = round(edge["length_m"] * 1000 * factor)
        if not edge.get("oneway"):
            found[v, u] = found[u, v]
    return found


def miles(open_steps: Mapping[Step, int]) -> Miles:
    """Shortest distances (Dijkstra 1959), FAR where there is no way; a row when it is needed."""
    out: dict[str, list[tuple[str, int]]] = {}
    for (u, v), mm in open_steps.items():
        out.setdefault(u, []).append((v, mm))

    @cache
    def row(source: str) -> dict[str, int]:
        done: dict[str, int] = {}
        heap = [(0, source)]
        while heap:
            far, here = heappop(heap)
            if here not in done:
                done[here] = far
                for there, mm in out.get(here, ()):
                    heappush(heap, (far + mm, there))
        return done

    return lambda u, v: row(u).get(v, FAR)


def slots(asked: Asked) -> tuple[list[tuple[str, ...]], list[set[int]]]:
    """What has to be served, each with its alternatives; and by slot what goes before it.

    Picks without a part in the precedence are the same slot when they are the same node.
    """
    bound = {i for pair in asked.precedence for i in pair}
    free = dict.fromkeys(node for i, node in enumerate(asked.picks) if i not in bound)
    order = sorted(bound)
    found = [(asked.picks[i],) for i in order] + [(node,) for node in free] + list(asked.groups)
    before: list[set[int]] = [set() for _ in found]
    for i, j in asked.precedence:
        before[order.index(j)].add(order.index(i))
    return found, before


def best(data: Data, asked: Asked) -> int:
    """The length of the shortest walk, FAR or more when there is none."""
    if {asked.start, asked.end} & set(asked.closed_nodes):
        return FAR
    far = miles(steps(data, asked))
    rows, before = slots(asked)
    closed = set(asked.closed_nodes)
    rows = [tuple(node for node in row if node not in closed) for row in rows]
    return shortest_order(far, asked.start, rows, before, asked.end)


def shortest_order(
    far: Miles,
    start: str,
    rows: Sequence[Sequence[str]],
    before: Sequence[Collection[int]],
    end: str,
) -> int:
    """Held and Karp 1962 over (which slots are served, where one stands): O(2^n n^2)."""
    needs = [sum(1 << i for i in earlier) for earlier in before]
    every = (1 << len(rows)) - 1
    front: dict[tuple[int, str], int] = {(0, start): 0}
    for _ in rows:
        after: dict[tuple[int, str], int] = {}
        for (served, here), mm in front.items():
            for i, row in enumerate(rows):
                if served >> i & 1 or needs[i] & ~served:
                    continue
                for node in row:
                    key = (served | 1 << i, node)
                    total = mm + far(here, node)
                    if total < min(FAR, after.get(key, FAR)):
                        after[key] = total
        front = after
    return min(
        (mm + far(here, end) for (done, here), mm in front.items() if done == every), default=FAR
    )


def best_by_permutation(far: Miles, start: str, nodes: Sequence[str], end: str) -> int:
    """The reference of the reference."""
    from itertools import pairwise, permutations

    ways = permutations(nodes)
    return min(sum(far(u, v) for u, v in pairwise((start, *way, end))) for way in ways)


def culprits(data: Data, asked: Asked) -> set[str]:
    """Every node that alone makes the request impossible: closed, or on no way from start to end.

    Of a group every member, when each of them is such a node. With a closed start or end only what
    can still be said is said.
    """
    closed, far = set(asked.closed_nodes), miles(steps(data, asked))
    joined = asked.end not in closed and far(asked.start, asked.end) < FAR

    def lost(node: str) -> bool:
        if node in closed or asked.start in closed:
            return node in closed
        return far(asked.start, node) >= FAR or (joined and far(node, asked.end) >= FAR)

    rows = [(node,) for node in (asked.start, asked.end, *asked.picks)] + list(asked.groups)
    return {node for row in rows if all(lost(node) for node in row) for node in row}


def serving(asked: Asked, walk: Sequence[str]) -> list[str]:
    """The picks in the order in which this walk serves them: each at the first pass at which all
    that goes before it has been served; what is left when the walk ends is missing."""
    rows, before = slots(asked)
    left, order = dict(enumerate(rows)), list[str]()
    for node in walk:
        served = True
        while served:
            ready = [i for i in left if node in rows[i] and not before[i] & left.keys()]
            served = bool(ready)
            for i in ready[:1]:
                del left[i]
                order.append(node)
    return order


def cycles(pairs: Iterable[tuple[int, int]]) -> set[int]:
    """Every index that lies on some cycle: those that come before themselves (Warshall 1962)."""
    reach = set(pairs)
    names = {i for pair in reach for i in pair}
    for via in names:
        reach |= {(i, j) for i in names for j in names if (i, via) in reach and (via, j) in reach}
    return {i for i in names if (i, i) in reach}
