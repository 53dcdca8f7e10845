"""A start for a search: many paths grown at once, stop by stop, and only the cheapest kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.terms import Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Layer = tuple[Ints, Ints]  # of each path: which one of the layer before it goes on, and where

WIDTH = 60  # paths
MOST_GROUPS = 57  # that fit into one whole number, with a stop
MOST_STOPS = 1 << 6
FAR = 1 << 52


def grown(terms: Terms) -> list[int] | None:
    """A path through one stop of each group; None when there are too many for this.

    Held and Karp's recursion over the groups served and the last stop, where each layer keeps its
    cheapest states (beam search; for orders under precedence Blum 2005,
    doi:10.1016/j.cor.2003.11.018). A state is priced by what it cost beyond the least that
    everybody must pay in any case.
    """
    import numpy as np

    stops = np.flatnonzero(terms.home >= 0)
    if len(terms.groups) > MOST_GROUPS or len(terms.cost) > MOST_STOPS:
        return None
    bits, waits = 1 << terms.home[stops], _waits(terms)[terms.home[stops]]
    extra = _extra(terms)
    seen, last, price = (np.zeros(1, dtype=np.int64) for _ in range(3))
    layers: list[Layer] = []
    for _ in terms.groups:
        free = ((seen[:, None] & bits) == 0) & ((~seen[:, None] & waits) == 0)
        before, next_ = np.nonzero(free)
        prices = price[before] + extra[last[before], stops[next_]]
        sets = seen[before] | bits[next_]
        kept = _cheapest(sets * MOST_STOPS + next_, prices)
        seen, last, price = sets[kept], stops[next_[kept]], prices[kept]
        layers.append((before[kept], last))
    return _read_back(layers, int((price + extra[last, -1]).argmin()), len(terms.cost) - 1)


def _waits(terms: Terms) -> Ints:
    """(groups,) those that come before, as bits."""
    import numpy as np

    waits = np.zeros(len(terms.groups), dtype=np.int64)
    for group, later in terms.after.items():
        waits[list(later)] |= 1 << group
    return waits


def _extra(terms: Terms) -> Ints:
    """The costs less what is paid in any case: the cheapest way to each stop and on from it."""
    import numpy as np

    cost = np.where(terms.later.T, FAR, terms.cost)
    np.fill_diagonal(cost, FAR)
    cost[:, 0] = cost[-1] = FAR
    cost[:, 1:] -= cost[:, 1:].min(axis=0)
    cost[:-1] -= cost[:-1].min(axis=1)[:, None]
    return cost


def _cheapest(states: Ints, prices: Ints) -> Ints:
    """Of equal states the cheapest, and of these the WIDTH cheapest."""
    import numpy as np

    order: Ints = np.lexsort((prices, states))
    order = order[np.append(True, np.diff(states[order]) != 0)]
    return order[prices[order].argsort(kind="stable")[:WIDTH]]


def _read_back(layers: list[Layer], which: int, end: int) -> list[int]:
    path = [end]
    for before, stop in reversed(layers):
        path.append(int(stop[which]))
        which = int(before[which])
    return [0, *reversed(path[1:]), end]
