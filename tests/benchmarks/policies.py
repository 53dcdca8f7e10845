"""How much farther than the shortest path each walking rule leads, and what it costs to ask.

20 x 50 bays in one block, aisles 5 m apart, the depot at a corner: metres of the rule and of the
exact path over the same random lists, so the ratio is the mean detour.
"""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from random import Random
from statistics import mean
from typing import NamedTuple, get_args

from routing.layout import Layout, layout_from
from routing.policies import Policy, Stop, policy_walk
from routing.tour import tour
from routing.weights import AS_BUILT
from tests.benchmarks.routing import seconds

POLICIES: tuple[Policy, ...] = get_args(Policy)
PICKS, LISTS = (5, 10, 20, 40, 80), 150
SITE: dict[str, object] = {
    "blocks": [{"id": "A", "aisles": 20, "bays": 50, "aisle_pitch": 5}],
    "nodes": [{"id": "depot", "x": 0, "y": -2, "kind": "depot"}],
    "edges": [{"u": "depot", "v": "A-x0-01"}],
}


class Detour(NamedTuple):
    """Mean metres over the lists, and how far above the exact path in percent."""

    metres: float
    exact_metres: float
    mean_percent: float
    most_percent: float


def rows() -> list[tuple[str, float, float, str]]:
    """(path, metres of the rule, metres of the exact path, bar), then seconds for 40 picks."""
    layout = layout_from(SITE, "benchmark")
    found = [
        (f"{policy}, {picks} picks, 1 block, metres", ways.metres, ways.exact_metres, "printed")
        for picks in PICKS
        for policy, ways in detours(layout, picks, LISTS).items()
    ]
    lists, home = pick_lists(layout, 40, 20), layout.number["depot"]
    exact = seconds(lambda: [exact_mm(layout, stops) for stops in lists]) / len(lists)
    for policy in POLICIES:
        spent = seconds(partial(walks, layout, policy, lists, home)) / len(lists)
        found.append(
            (f"{policy}, 40 picks, 1 block, beside the exact path", spent, exact, "printed")
        )
    return found


def detours(layout: Layout, picks: int, lists: int) -> dict[Policy, Detour]:
    """By rule, over random lists of so many picks; the same lists every time."""
    asked, home = pick_lists(layout, picks, lists), layout.number["depot"]
    best = [exact_mm(layout, stops) for stops in asked]
    found = {}
    for policy in POLICIES:
        ours = [length_mm(layout, walk(layout, policy, stops, home)) for stops in asked]
        more = [100 * (mm / least - 1) for mm, least in zip(ours, best, strict=True)]
        found[policy] = Detour(mean(ours) / 1000, mean(best) / 1000, mean(more), max(more))
    return found


def pick_lists(layout: Layout, picks: int, lists: int) -> list[list[int]]:
    chance = Random(picks)
    bays = [i for i, node in enumerate(layout.nodes.values()) if node.kind == "bay"]
    return [chance.sample(bays, picks) for _ in range(lists)]


def walks(layout: Layout, policy: Policy, lists: Sequence[Sequence[int]], home: int) -> None:
    for stops in lists:
        walk(layout, policy, stops, home)


def walk(layout: Layout, policy: Policy, stops: Sequence[int], home: int) -> list[int]:
    return policy_walk(layout, AS_BUILT, policy, "both", home, [Stop(n) for n in stops], home)


def exact_mm(layout: Layout, stops: Sequence[int]) -> int:
    return tour(layout, "depot", [layout.ids[n] for n in stops], "depot").length_mm


def length_mm(layout: Layout, nodes: Sequence[int]) -> int:
    return sum(
        next(mm for far, mm, _ in layout.arcs[here] if far == there)
        for here, there in pairwise(nodes)
    )


def main() -> None:
    """Mean (most) percent above the exact path, by rule and number of picks."""
    layout = layout_from(SITE, "benchmark")
    table = {picks: detours(layout, picks, LISTS) for picks in PICKS}
    print(f"{'':<12}" + "".join(f"{picks:>12}" for picks in PICKS))
    for policy in POLICIES:
        cells = (table[picks][policy] for picks in PICKS)
        shown = "".join(f"{c.mean_percent:>6.0f} ({c.most_percent:>3.0f})" for c in cells)
        print(f"{policy:<12}{shown}")


if __name__ == "__main__":
    main()
