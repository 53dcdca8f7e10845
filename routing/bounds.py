"""What no order can cost less than: the cheapest tree from the start, made more and more a path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.arborescence import parents
from routing.terms import Terms
from routing.weights import SHUT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

PATIENCE = 4  # steps without gain before smaller ones
LEAST_STEP = 0.05


class LowerBound:
    """No order costs less than `least`, and `lift` raises it.

    A path is a tree of arcs from the start in which nobody has two followers. Without that rule
    the cheapest is found at once; whoever has several is then charged for them and who has none
    is paid, and again. A path comes to the same total under all charges, so every such tree is a
    bound (Held and Karp 1971, doi:10.1007/BF01584070). Whole numbers, so nothing is rounded up
    but to the next multiple of what divides all costs.
    """

    def __init__(self, terms: Terms) -> None:
        import numpy as np

        self.least = 0
        self._cost = _arcs(terms)
        self._unit = int(np.gcd.reduce(terms.cost[terms.cost < SHUT], initial=0)) or 1
        self._charges = np.zeros(len(self._cost))
        self._course = np.zeros(len(self._cost))
        self._step, self._stale = 1.6, 0

    def lift(self, known: int) -> None:
        """One tree; nothing when steps have become too small. known: the cost of some order."""
        import numpy as np

        if self._step < LEAST_STEP:
            return
        charges = np.rint(self._charges).astype(np.int64)
        tree = parents(self._cost + charges[:, None])
        cost = int(self._cost[tree, np.arange(1, len(tree) + 1)].sum() + charges[tree].sum())
        self._learn(cost - int(charges[:-1].sum()))
        surplus = np.append(np.bincount(tree, minlength=len(charges))[:-1] - 1, 0)
        self._course = 0.7 * surplus + 0.3 * self._course
        gap = (known if known < SHUT else 2 * self.least) - self.least
        self._charges += self._step * gap / max(1, surplus @ surplus) * self._course

    def _learn(self, bound: int) -> None:
        rounded = -(-bound // self._unit) * self._unit
        self._stale = 0 if rounded > self.least else self._stale + 1
        self.least = max(self.least, rounded)
        if self._stale == PATIENCE:
            self._step, self._stale = self._step / 2, 0


def _arcs(terms: Terms) -> Ints:
    """(groups + 2, groups + 2) the least cost from each to the next, 0 the start.

    Nobody goes where precedence has somebody in between; such arcs are dear.
    """
    import numpy as np

    n = len(terms.groups) + 2
    one_of = [group[0] for group in terms.groups]
    order = np.zeros((n, n), dtype=np.bool_)
    order[0, 1:] = order[:-1, -1] = True
    order[1:-1, 1:-1] = terms.later[np.ix_(one_of, one_of)]
    never = order.T | (order.astype(np.float32) @ order.astype(np.float32) > 0)
    cost = np.zeros((n, n), dtype=np.int64)
    cost[0, 1:-1] = [terms.cost[0, list(group)].min() for group in terms.groups]
    cost[1:-1, -1] = [terms.cost[list(group), -1].min() for group in terms.groups]
    cost[1:-1, 1:-1] = terms.between
    far = (1 << 60) // n**2
    cost[never] = far
    np.fill_diagonal(cost, far)
    return np.minimum(cost, far)
