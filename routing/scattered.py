"""Which of its places each item is taken from, when the order of the items is given."""

from __future__ import annotations

from itertools import pairwise

from routing.terms import Terms


def rechosen(terms: Terms, path: list[int]) -> list[int]:
    """The cheapest path through the same groups in the same order; each by any of its stops.

    A shortest path through layers, one for each group; O(groups x alternatives^2).
    """
    import numpy as np

    groups = [terms.groups[group] for group in terms.home[path[1:-1]].tolist()]
    layers = [path[:1], *map(list, groups), path[-1:]]
    cost, came = np.zeros(1, dtype=np.int64), []
    for here, there in pairwise(layers):
        ways = cost[:, None] + terms.cost[np.ix_(here, there)]
        came.append(ways.argmin(axis=0))
        cost = ways.min(axis=0)
    back, place = path[-1:], 0
    for layer, best in zip(reversed(layers[:-1]), reversed(came), strict=True):
        place = int(best[place])
        back.append(layer[place])
    return back[::-1]
