"""Which solver answers a pick path.

    nothing to pick                             a shortest path
    undirected, no wider than two blocks        a sweep over the junctions, exact for any picks
    up to 12 stops                              Held-Karp on the costs between them, exact
    undirected, no wider than four blocks       the sweep again, exact
    else                                        a search, and a bound on how far off it may be

Of a few groups of alternatives all combinations are swept. Where one-way edges or an order of
service forbid the sweep, what it would find without them bounds the search, and now and then that
walk is allowed as it is. Which solver answers depends on the layout and the request alone, never on
what is cached: the same question gets the same walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import prod

from routing.feasible import reachable
from routing.graph import distances
from routing.ground import Found, Ground
from routing.ordering import in_order
from routing.orders import Deadline
from routing.plan import plan_for
from routing.request import Request
from routing.round import shortest_round
from routing.serving import Visits, serves
from routing.sweep import NARROW
from routing.twoway import both_ways, walkable

FEW_STOPS = 12  # up to here Held-Karp is quicker than a wide sweep
MOST_CHOICES = 64  # combinations of alternatives that are swept one by one


def solved(
    ground: Ground,
    asked: Request,
    wanted: Visits,
    iterations: int | None = None,
    deadline: Deadline | None = None,
) -> Found:
    """The cheapest walk that was found. Raises Unreachable with all that is cut off."""
    stops = len(wanted.stops) + len(wanted.groups)
    if stops and not wanted.before:
        found = swept(ground, asked, wanted, NARROW if stops <= FEW_STOPS else None)
        if found:
            return found
    wanted = reachable(distances(ground.layout, ground.weights), asked, wanted)
    loose = _loosely(ground, asked, wanted) if stops > FEW_STOPS else None
    if loose and (allowed := next(_as_asked(ground, asked, loose), None)):
        return allowed
    found = in_order(ground, asked, wanted, iterations, deadline)
    if found.method == "local_search" and not (wanted.before or ground.layout.directed):
        found = _with_best_walk(ground, asked, wanted, found)
    least = max(found.lower_bound, loose.lower_bound) if loose else found.lower_bound
    return found._replace(lower_bound=min(found.cost, least))


def swept(
    ground: Ground, asked: Request, wanted: Visits, widest: int | None = None
) -> Found | None:
    """Exact; None where the floor is directed or meshed, or there is no walk.

    What comes before what is not looked at.
    """
    in_lifts = [(k,) for k in wanted.stops if asked.nodes[k] in ground.shaft]
    choices = [ground.options(asked, group) for group in (*in_lifts, *wanted.groups)]
    if ground.layout.directed or prod(map(len, choices)) > MOST_CHOICES or ground.shut(asked.start):
        return None
    plan = plan_for(ground.layout, asked.start, asked.end, ground.turn)
    if plan is None or (widest and plan.width > widest):
        return None
    certain = [asked.nodes[k] for k in wanted.stops if asked.nodes[k] not in ground.shaft]
    best: Found | None = None
    for options in product(*choices):
        nodes = {*certain, *(place for _, place in options), asked.start, asked.end}
        stay = (0, [asked.start]) if len(nodes) == 1 else None
        found = stay or shortest_round(ground.layout, plan, ground.weights, nodes, asked.start)
        chosen = tuple(k for k, _ in options if k not in asked.picks)
        cost = found[0] + ground.further_stops(asked, chosen) if found else 0
        if found and (best is None or cost < best.cost):
            best = Found(found[1], cost, "sweep", cost, (*wanted.free, *chosen))
    return best


def _loosely(ground: Ground, asked: Request, wanted: Visits) -> Found | None:
    """The best walk in any order, one-way edges in both directions: nothing real is cheaper.

    Where there are too many combinations of alternatives, without them.
    """
    floor, loose = both_ways(ground), replace(wanted, before=frozenset())
    return swept(floor, asked, loose) or swept(floor, asked, replace(loose, groups=()))


def _as_asked(ground: Ground, asked: Request, found: Found) -> Iterator[Found]:
    """Such a walk, or the same backwards, if it happens to be allowed and to serve in order."""
    if len(found.chosen) < len(asked.groups):
        return
    taken = (*asked.picks, *found.chosen)
    for walk in (found.walk, found.walk[::-1]) if asked.start == asked.end else (found.walk,):
        if walkable(ground, walk) and serves(asked, taken, ground.on_floor(walk)):
            yield found._replace(walk=walk)


def _with_best_walk(ground: Ground, asked: Request, wanted: Visits, found: Found) -> Found:
    """The best walk with the alternatives that the search took."""
    taken = tuple((k,) for k in found.chosen if k not in wanted.free)
    best = swept(ground, asked, replace(wanted, groups=taken))
    return found._replace(walk=best.walk, cost=best.cost) if best else found
