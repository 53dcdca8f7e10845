"""The best order of a few stops, exactly, whatever the costs (one-way ones included)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from routing.precedence import servable_sets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SMALL = 12  # groups that are always few, if there are not hundreds of alternatives
MOST_STEPS = 20_000_000  # about 0.2 s
MOST_STEPS_BEYOND = 5_000_000
UNSEEN = 1 << 60

Groups = Sequence[Sequence[int]]
Pairs = Iterable[tuple[int, int]]


def best_order(
    table: Sequence[Sequence[int]],
    groups: Groups,
    before: Pairs = (),
    deadline: Callable[[], bool] | None = None,
) -> list[int] | None:
    """The order of one stop of each group that makes the way 0, order, n + 1 cheapest.

    Held and Karp 1962, doi:10.1137/0110015: the best way that has served a set of groups and
    stands at one of their stops, for every set that the precedence allows, smaller ones first
    (Psaraftis 1980, doi:10.1287/trsc.14.2.130). Of equal orders always the same. Imports numpy.

    table: (n + 2, n + 2) costs from row to column; 0 is the start, n + 1 the end.
    groups: a partition of 1 .. n. before: (i, j) when the group of i is served before that of j.
    None when the precedence allows no order, or time is up.
    """
    import numpy as np

    cost = np.array(table, dtype=np.int64)
    sets = _sets(groups, before)
    lattice = _known(*sets) if len(sets[0]) <= 2 * SMALL else Lattice(*sets)
    best = [np.zeros((1, 1), dtype=np.int64)]
    for size in range(1, len(groups) + 1):
        layer = lattice.layer(size)
        if not len(layer.stop) or (deadline and deadline()):
            return None
        best.append(_onward(cost, best[-1], lattice.layer(size - 1).last, layer))
    return _read_back(cost, lattice, best)


def within_reach(groups: Groups, before: Pairs = (), most_steps: int | None = None) -> bool:
    """Whether `best_order` takes no more steps than this.

    Without a number: than take 0.2 s, or 40 ms for more than 12 groups.
    """
    if len(groups) > 62:
        return False
    most = most_steps or (MOST_STEPS if len(groups) <= SMALL else MOST_STEPS_BEYOND)
    home = {stop: number for number, group in enumerate(groups) for stop in group}
    pairs = {(home[i], home[j]) for i, j in before}
    sets = 4 * most // max(1, len(home)) ** 2
    return servable_sets(len(groups), pairs, sets) <= sets


class Layer(NamedTuple):
    """How the sets of one size come from those of the size before, by going to one more stop.

    source, stop, place: by step; the set before, the stop, and where the step ends in a flat
    (slots, sets): the slots of a set are its possible last stops.
    last, came: (slots, sets) that stop, and the set before.
    """

    source: Ints
    stop: Ints
    place: Ints
    last: Ints
    came: Ints


class Lattice:
    """The sets of groups that the precedence allows, by size; made when they are asked for."""

    def __init__(self, home: tuple[int, ...], needs: tuple[int, ...]) -> None:
        import numpy as np

        start = np.zeros((1, 1), dtype=np.int64)
        self._bits = np.array([1 << group for group in home], dtype=np.int64)
        self._needs = [needs[group] for group in home]
        self._sets = start[0]
        self._layers = [Layer(start[0], start[0], start[0], start, start)]

    def layer(self, size: int) -> Layer:
        """Without steps when the precedence goes in circles."""
        while len(self._layers) <= size:
            self._layers.append(self._next())
        return self._layers[size]

    def _next(self) -> Layer:
        import numpy as np

        seen, rules = self._sets, zip(self._bits.tolist(), self._needs, strict=True)
        sources = [np.flatnonzero(seen & (bit | need) == need) for bit, need in rules]
        source = np.concatenate(sources)
        stop = np.repeat(np.arange(len(sources)), [len(some) for some in sources])
        after = seen[source] | self._bits[stop]
        order = np.argsort(after, kind="stable")  # for each stop it is sorted: a quick merge
        source, stop, after = source[order], stop[order] + 1, after[order]
        new = np.diff(after, prepend=-1) > 0
        first, target = np.flatnonzero(new), np.cumsum(new) - 1
        self._sets = after[first]
        slot = np.arange(len(after)) - first[target]
        place = slot * len(first) + target
        last, came = np.zeros((2, slot.max(initial=0) + 1, len(first)), dtype=np.int64)
        last.put(place, stop)
        came.put(place, source)
        return Layer(source, stop, place, last, came)


def _sets(groups: Groups, before: Pairs) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The group of each stop; and for each group what it waits for, as a set of groups."""
    home = {stop: number for number, group in enumerate(groups) for stop in group}
    needs = [0] * len(groups)
    for i, j in before:
        needs[home[j]] |= 1 << home[i]
    return tuple(home[stop] for stop in sorted(home)), tuple(needs)


@lru_cache(maxsize=16)
def _known(home: tuple[int, ...], needs: tuple[int, ...]) -> Lattice:
    return Lattice(home, needs)


def _onward(cost: Ints, best: Ints, last: Ints, layer: Layer) -> Ints:
    """(slots, sets) the cheapest ways to the sets of this layer from those of the one before."""
    import numpy as np

    ways = np.full(len(layer.stop), UNSEEN)
    for cheapest, stops in zip(best, last, strict=True):
        legs = cost.take(stops.take(layer.source) * len(cost) + layer.stop)
        np.minimum(ways, cheapest.take(layer.source) + legs, out=ways)
    reached = np.full(layer.last.shape, UNSEEN)
    reached.put(layer.place, ways)
    return reached


def _read_back(cost: Ints, lattice: Lattice, best: Sequence[Ints]) -> list[int]:
    order, seen, onward = list[int](), 0, cost[:, -1]
    for size in range(len(best) - 1, 0, -1):
        layer = lattice.layer(size)
        slot = int((best[size][:, seen] + onward[layer.last[:, seen]]).argmin())
        order.append(int(layer.last[slot, seen]))
        seen, onward = int(layer.came[slot, seen]), cost[:, order[-1]]
    return order[::-1]
