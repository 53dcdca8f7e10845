"""The best of all paths in which nobody moves far."""

from __future__ import annotations

from collections.abc import Callable

from routing.held_karp import best_order, within_reach
from routing.terms import Terms

MOST_STEPS = 1_600_000  # about 10 ms


def within_window(
    terms: Terms, path: list[int], deadline: Callable[[], bool] | None = None
) -> list[int] | None:
    """The cheapest order of these stops in which half a path ahead stays ahead.

    Held and Karp's recursion under that and the precedence (Balas and Simonetti 2001,
    doi:10.1287/ijoc.13.1.56.9748). Never worse than `path`; None when precedence leaves so much
    freedom that it would take long, or time is up.
    """
    import numpy as np

    stops = len(path) - 2
    ahead = np.triu(np.ones((stops, stops), dtype=np.bool_), stops // 2)
    ahead |= terms.later[np.ix_(path[1:-1], path[1:-1])]
    before = [(int(i) + 1, int(j) + 1) for i, j in np.argwhere(ahead)]
    each = [(place,) for place in range(1, stops + 1)]
    if not terms.after or not within_reach(each, before, MOST_STEPS):
        return None
    order = best_order(terms.cost[np.ix_(path, path)].tolist(), each, before, deadline)
    return order and [path[0], *(path[place] for place in order), path[-1]]
