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
    layers = _layers(*_sets(groups, before))
    best, last = [np.zeros((1, 1), dtype=np.int64)], np.zeros((1, 1), dtype=np.intp)
    for layer in layers:
        if deadline is not None and deadline():
            return None
        ways = best[-1][:, layer.source] + cost[last[:, layer.source], layer.stop]
        last = layer.last
        best.append(np.full(last.shape, UNSEEN))
        best[-1][layer.slot, layer.target] = ways.min(axis=0)
    return _read_back(cost, layers, best) if len(layers) == len(groups) else None


def within_reach(groups: Groups, before: Pairs = ()) -> bool:
    """Whether `best_order` takes less than about 0.2 s, or 40 ms for more than 12 groups."""
    if len(groups) > 62:
        return False
    numbers, needs = _sets(groups, before)
    pairs = [(i, j) for j, need in enumerate(needs) for i in _members(need)]
    most = 4 * (MOST_STEPS if len(groups) <= SMALL else MOST_STEPS_BEYOND)
    return servable_sets(len(groups), pairs, most) * len(numbers) ** 2 <= most


class Layer(NamedTuple):
    """How the sets of one size come from those of the size before, by going to one more stop.

    source, stop, target, slot: by step; the set before, the stop, the set after and the place of
    the stop among the last stops of that set. last, came: (slots, sets) the last stop, the source.
    """

    source: Ints
    stop: Ints
    target: Ints
    slot: Ints
    last: Ints
    came: Ints


def _sets(groups: Groups, before: Pairs) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The group of each stop; and for each group what it waits for, as a set of groups."""
    home = {stop: number for number, group in enumerate(groups) for stop in group}
    needs = [0] * len(groups)
    for i, j in before:
        needs[home[j]] |= 1 << home[i]
    return tuple(home[stop] for stop in sorted(home)), tuple(needs)


@lru_cache(maxsize=32)
def _layers(home: tuple[int, ...], needs: tuple[int, ...]) -> list[Layer]:
    """By size of the sets; fewer than there are groups when the precedence goes in circles."""
    import numpy as np

    bit = 1 << np.array(home, dtype=np.int64)
    need = np.array(needs, dtype=np.int64)[list(home)]
    sets, layers = np.zeros(1, dtype=np.int64), list[Layer]()
    while len(layers) < len(needs):
        seen = sets[:, None]
        source, stop = np.nonzero((seen & bit == 0) & (seen & need == need))
        if not len(source):
            break
        after = sets[source] | bit[stop]
        order = np.argsort(after, kind="stable")
        source, stop, after = source[order], stop[order], after[order]
        first = np.flatnonzero(np.diff(after, prepend=-1))
        target = np.repeat(np.arange(len(first)), np.diff(first, append=len(after)))
        slot = np.arange(len(after)) - first[target]
        last, came = np.zeros((2, slot.max() + 1, len(first)), dtype=np.intp)
        last[slot, target], came[slot, target] = stop + 1, source
        layers.append(Layer(source, stop + 1, target, slot, last, came))
        sets = after[first]
    return layers


def _read_back(cost: Ints, layers: Sequence[Layer], best: Sequence[Ints]) -> list[int]:
    order, seen, onward = list[int](), 0, cost[:, -1]
    for layer, ways in zip(reversed(layers), reversed(best), strict=False):
        slot = int((ways[:, seen] + onward[layer.last[:, seen]]).argmin())
        order.append(int(layer.last[slot, seen]))
        seen, onward = int(layer.came[slot, seen]), cost[:, order[-1]]
    return order[::-1]


def _members(numbers: int) -> Iterable[int]:
    return (i for i in range(numbers.bit_length()) if numbers >> i & 1)
