"""The sweep over one floor: in which order its chains are taken, and the tables that this needs.

A plan depends on nodes and edges alone. Picks, closures and weights never change it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from routing.aisles import Costs, Stretch, costs
from routing.frontier import WHOLE, State, Table, Turn, table
from routing.junctions import Chain, chains
from routing.layout import Layout
from routing.sweep import narrowest

MOST_STATES = 4000
PLANS_KEPT = 64
Ends = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One chain of the sweep, and what can be after it."""

    chain: Chain
    table: Table
    idle: Costs  # of the chain as built, without picks
    ends: int  # what turning round at its dead ends costs


@dataclass(frozen=True, slots=True)
class Plan:
    """inside: step and place in its chain, by node between junctions. last: step and bit, by
    junction, where it is left behind. step_of: step by edge number. whole: the number of the
    state of a complete tour after the last step. width: of the frontier. turn: what turning round
    between junctions costs, in the unit of the lengths.
    """

    steps: tuple[Step, ...]
    inside: dict[int, tuple[int, int]]
    last: dict[int, tuple[int, int]]
    step_of: dict[int, int]
    whole: int
    width: int
    turn: int


_plans: WeakKeyDictionary[Layout, dict[tuple[int, int, int], Plan | None]] = WeakKeyDictionary()


def plan_for(layout: Layout, start: int, end: int, turn: int = 0) -> Plan | None:
    """The plan for tours between these nodes, None where no narrow sweep joins them.

    The layout must be undirected. Plans are kept, and tours that start and end at one junction
    share theirs; the tables are shared by all plans of the process. 20 aisles cost 3 ms in one
    block, 10 in two, 40 in three, 350 in four; with a start in mid-aisle 5, 20, 140 and 650.
    """
    ways = len(layout.arcs[start])
    at_home = start == end and (ways > 2 or (ways == 1 and not turn))
    key = (-1, -1, turn) if at_home else (start, end, turn)
    plans = _plans.setdefault(layout, {})
    if key not in plans:
        while len(plans) >= PLANS_KEPT:
            plans.pop(next(iter(plans)), None)
        plans[key] = _plan(layout, *key)
    return plans[key]


def _plan(layout: Layout, start: int, end: int, turn: int) -> Plan | None:
    order = narrowest(layout, chains(layout, {start, end}))
    if order is None:
        return None
    odd = {start, end} if start != end else set[int]()
    left = Counter(n for chain in order for n in {chain.nodes[0], chain.nodes[-1]})
    steps, last, frontier, width = list[Step](), dict[int, tuple[int, int]](), list[int](), 0
    states: tuple[State, ...] = ((),)
    for chain in order:
        ends = list(dict.fromkeys((chain.nodes[0], chain.nodes[-1])))
        frontier += [n for n in ends if n not in frontier]
        left.subtract(ends)
        gone = [n for n in ends if not left[n]]
        here = Turn(
            u=frontier.index(ends[0]),
            v=frontier.index(ends[-1]),
            width=len(frontier),
            gone=tuple((frontier.index(n), int(n in odd)) for n in gone),
        )
        width = max(width, len(frontier))
        if len(states) > MOST_STATES:
            return None
        last |= {n: (len(steps), 1 << bit) for bit, n in enumerate(gone)}
        dead = [n for n in ends if len(layout.arcs[n]) == 1 and n not in (start, end)]
        idle = costs(Stretch(chain.at_mm, ends=turn * len(dead)), ())
        steps.append(Step(chain, table(states, here), idle, turn * len(dead)))
        states = steps[-1].table.states
        frontier = [n for n in frontier if n not in gone]
    if WHOLE not in states:
        return None  # start and end are not even joined
    return Plan(
        steps=tuple(steps),
        inside={n: (i, j) for i, s in enumerate(steps) for j, n in s.chain.inner},
        last=last,
        step_of={edge: i for i, s in enumerate(steps) for edge in s.chain.edges},
        whole=states.index(WHOLE),
        width=width,
        turn=turn,
    )
