"""The shortest tour of an undirected floor by one sweep over its chains, and its walk.

Forward, every state keeps the length of its best tour so far; backward, the uses of the chains on
the best way to the whole tour are read off; Euler's theorem makes one walk of them.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence

from routing.aisles import Costs, Stretch, costs, stretch, turns
from routing.frontier import ONCE, TWICE, Way
from routing.layout import Layout
from routing.plan import Plan
from routing.weights import SHUT, Weights

Pass = tuple[list[int], Costs, list[list[Way]]]  # lengths before, costs of the chain, ways by state
Chained = tuple[tuple[int, ...], tuple[int, int]]  # nodes from the junction on, and an id
Links = defaultdict[int, list[Chained]]  # by junction
Trips = defaultdict[int, list[int]]  # nodes out to a pick and back, by junction


def shortest_round(
    layout: Layout, plan: Plan, weights: Weights, stops: Iterable[int], start: int
) -> tuple[int, list[int]] | None:
    """The length in mm and the node numbers of a shortest walk from the plan's start to its end.

    stops: node numbers, start and end among them. None when no walk passes all of them.
    Cost: moves of the tables, whatever the number of picks.
    """
    picks: dict[int, list[int]] = {}
    must = [0] * len(plan.steps)
    for node in stops:
        if node in plan.inside:
            step, place = plan.inside[node]
            insort(picks.setdefault(step, []), place)
        elif node in plan.last:
            step, bit = plan.last[node]
            must[step] |= bit
        else:
            return None  # a node without edges
    stretches = _stretches(layout, plan, weights, picks)
    passes, length = _forward(plan, stretches, picks, must)
    if length >= SHUT:
        return None
    uses = _backward(plan, passes)
    links, trips = _opened(plan, stretches, picks, uses)
    walk = _walk(links, trips, start)
    return length, _straight(walk) if plan.turn else walk


def _stretches(
    layout: Layout, plan: Plan, weights: Weights, picks: Iterable[int]
) -> dict[int, Stretch]:
    """The chains that have picks or other lengths than the plan knows, by step."""
    changed = {plan.step_of[edge] for edge in weights.changed}
    steps, turn = plan.steps, plan.turn
    as_built = {
        i: Stretch(steps[i].chain.at_mm, (), turn, steps[i].ends) for i in picks if i not in changed
    }
    today = {i: stretch(layout, steps[i].chain, weights, turn, steps[i].ends) for i in changed}
    return as_built | today


def _forward(
    plan: Plan, stretches: dict[int, Stretch], picks: dict[int, list[int]], must: list[int]
) -> tuple[list[Pass], int]:
    lengths, passes = [0], list[Pass]()
    for i, step in enumerate(plan.steps):
        now = costs(stretches[i], picks.get(i, ())) if i in stretches else step.idle
        ways = step.table.ways(i in picks, must[i])
        passes.append((lengths, now, ways))
        after = []
        for into in ways:
            best = SHUT
            for before, use in into:
                length = lengths[before] + now[use]
                if length < best:
                    best = length
            after.append(best)
        lengths = after
    return passes, lengths[plan.whole]


def _backward(plan: Plan, passes: Sequence[Pass]) -> list[int]:
    """How each chain is used; of equal tours always the same."""
    state, uses = plan.whole, list[int]()
    for lengths, now, ways in reversed(passes):
        _, state, use = min(
            (lengths[before] + now[use], before, use) for before, use in ways[state]
        )
        uses.append(use)
    return uses[::-1]


def _opened(
    plan: Plan, stretches: dict[int, Stretch], picks: dict[int, list[int]], uses: Sequence[int]
) -> tuple[Links, Trips]:
    """What a walker may do at each junction: chains to walk through, and trips out and back."""
    links, trips = Links(list), Trips(list)
    for i, use in enumerate(uses):
        nodes = plan.steps[i].chain.nodes
        if use in (ONCE, TWICE):
            for number in range(use):
                links[nodes[0]].append((nodes, (i, number)))
                links[nodes[-1]].append((nodes[::-1], (i, number)))
        elif use:
            from_u, from_v = turns(stretches[i], picks[i], use)
            if from_u is not None:
                trips[nodes[0]] += [*nodes[1 : from_u + 1], *nodes[from_u - 1 :: -1]]
            if from_v is not None:
                trips[nodes[-1]] += [*nodes[-2:from_v:-1], *nodes[from_v:]]
    return links, trips


def _walk(links: Links, trips: Trips, start: int) -> list[int]:
    """One walk through all of it (Hierholzer 1873), trips at the first pass of their junction."""
    stack: list[tuple[int, ...]] = [(start,)]
    walked, back = set[tuple[int, int]](), list[tuple[int, ...]]()
    while stack:
        open_links = links[stack[-1][-1]]
        while open_links and open_links[-1][1] in walked:
            open_links.pop()
        if open_links:
            nodes, link = open_links.pop()
            walked.add(link)
            stack.append(nodes)
        else:
            back.append(stack.pop())
    walk: list[int] = []
    for nodes in reversed(back):
        walk += nodes[1:] or nodes
        walk += trips.pop(nodes[-1], ())
    return walk


def _straight(walk: list[int]) -> list[int]:
    """The walk without turning round at its ends in passing, which the sweep takes for free.

    Where it comes by its start in mid-aisle and turns, it can as well walk the round up to there
    backwards, and then goes straight on; the same for the round from its end to its end. (It comes
    by when walking all of a stretch twice is cheaper than turning round in it.)
    """
    for _ in range(2):
        turn = _turn(walk)
        if turn:
            walk = [*walk[turn::-1], *walk[turn + 1 :]]
        walk.reverse()
    return walk


def _turn(walk: Sequence[int]) -> int | None:
    """Where the walk turns round at its first node, None where it does not."""
    passes = (i for i in range(1, len(walk) - 1) if walk[i] == walk[0])
    return next((i for i in passes if walk[i - 1] == walk[i + 1]), None)
