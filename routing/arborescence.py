"""The cheapest tree of one-way arcs from a root to everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

NEVER = 1 << 62


def parents(cost: Ints) -> Ints:
    """By node from 1: where its arc in the cheapest arborescence from 0 comes from.

    Edmonds 1967, doi:10.6028/jres.071B.032: everybody takes the cheapest arc in; a circle of such
    becomes one node, which is entered at the price of leaving the circle open there; and so on.

    cost: (n, n) from row to column, below 2**61 / n**2.
    """
    import numpy as np

    n = len(cost)
    arcs = n * n
    price = cost * arcs + np.arange(arcs).reshape(n, n)  # the number of the arc goes along
    price[:, 0] = NEVER
    np.fill_diagonal(price, NEVER)
    now = np.arange(n)  # which node each has become
    choices: list[tuple[Ints, Ints]] = []
    while True:
        best = price.min(axis=0)
        arc = best % arcs
        choices.append((arc, now))
        circle = _circles(np.append(0, now[arc[1:] // n]))
        own = circle == np.arange(len(circle))
        if own.all():
            break
        which = (np.cumsum(own) - 1)[circle]
        on_circle = np.bincount(which)[which] > 1
        price = _joined(price - np.where(on_circle, best - arc, 0), which)
        now = which[now]
    arc, _ = choices.pop()
    while choices:
        inner, now = choices.pop()
        inner[now[arc[1:] % n]] = arc[1:]
        arc = inner
    return arc[1:] // n


def _circles(parent: Ints) -> Ints:
    """Each node, or the lowest of its circle when it is on one."""
    import numpy as np

    nodes = np.arange(len(parent))
    lowest, far = np.minimum(nodes, parent), parent
    for _ in range(len(parent).bit_length()):
        lowest, far = np.minimum(lowest, lowest[far]), far[far]
    on_circle = np.zeros(len(parent), dtype=np.bool_)
    on_circle[far] = True
    return np.where(on_circle, lowest, nodes)


def _joined(price: Ints, which: Ints) -> Ints:
    """(joined, joined) the cheapest arcs between what belongs together."""
    import numpy as np

    order = which.argsort(kind="stable")
    first = np.searchsorted(which[order], np.arange(which.max() + 1))
    least = np.minimum.reduceat(price[:, order], first, axis=1)
    least = np.minimum.reduceat(least[order], first, axis=0)
    np.fill_diagonal(least, NEVER)
    return least
