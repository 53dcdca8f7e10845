"""Some groups are taken out of a path and put back in the best way there is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from routing.terms import Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NO_WAY = 1 << 58


def rebuilt(terms: Terms, path: list[int], loose: Sequence[int]) -> list[int]:
    """The cheapest path in which all but the `loose` groups keep their stops and their order.

    A loose group may come anywhere and by any of its stops. Never worse than `path`.
    Held and Karp's recursion over the sets of loose groups and the places among what is kept, in
    O(2^k m^2 n) for k loose groups of m stops.
    """
    parts = _parts(terms, path, loose)
    return _read_back(parts, *_ways(parts))


class Parts(NamedTuple):
    """Places are those of the kept stops, the start first; sets are bits of loose groups.

    stops: the loose ones, m. group: (m,) their groups. into, out: (m, places) from and to the kept
    stops; between: (m, m); home: (m + 1,) from them and from the last kept one to the end.
    along: (places,) from the start through the kept ones alone.
    held: precedence has a say. due: (places,) groups that must be served before. waits: (m,)
    groups that a stop waits for. early: (m, places) a kept stop still to come must be before it.
    """

    end: int
    kept: Ints
    stops: Ints
    group: Ints
    into: Ints
    out: Ints
    between: Ints
    home: Ints
    along: Ints
    held: bool
    due: Ints
    waits: Ints
    early: Flags


def _parts(terms: Terms, path: list[int], loose: Sequence[int]) -> Parts:
    import numpy as np

    apart = set(loose)
    kept = np.array([stop for stop in path[:-1] if terms.home[stop] not in apart])
    stops = np.array([*chain.from_iterable(terms.groups[group] for group in loose)])
    group = np.repeat(np.arange(len(loose)), [len(terms.groups[group]) for group in loose])
    first = np.searchsorted(group, np.arange(len(loose)))  # of the stops of each group
    bits, steps = 1 << np.arange(len(loose)), terms.cost[kept[:-1], kept[1:]]
    ahead = np.zeros((len(stops), len(kept)), dtype=np.bool_)
    ahead[:, :-1] = terms.later[np.ix_(kept[1:], stops)].T
    due = terms.later[np.ix_(stops[first], kept)]
    waits = bits @ terms.later[np.ix_(stops[first], stops)]
    return Parts(
        end=path[-1],
        kept=kept,
        stops=stops,
        group=group,
        into=terms.cost[np.ix_(kept, stops)].T,
        out=terms.cost[np.ix_(stops, kept)],
        between=terms.cost[np.ix_(stops, stops)],
        home=terms.cost[np.append(stops, kept[-1]), -1],
        along=np.append(0, np.cumsum(steps)),
        held=bool(due.any() or ahead.any() or waits.any()),
        due=np.bitwise_or.accumulate(bits @ due),
        waits=waits,
        early=np.logical_or.accumulate(ahead[:, ::-1], axis=1)[:, ::-1],
    )


def _ways(parts: Parts) -> tuple[Ints, Ints]:
    """The cheapest ways that have served a set and the kept stops up to a place, and stand there:
    at the kept stop (sets, places), at a loose one (m, sets, places)."""
    import numpy as np

    stops, groups, places = len(parts.stops), int(parts.group[-1]) + 1, len(parts.kept)
    at_loose = np.full((stops, 1 << groups, places), NO_WAY)
    at_kept = np.full((1 << groups, places), NO_WAY)
    at_kept[0] = np.where(parts.due, NO_WAY, parts.along)
    which, bit = np.arange(stops)[:, None], (1 << parts.group)[:, None]
    for without, sets in _layers(groups):
        source = without[parts.group]
        ways = (at_loose[:, source] + parts.between[:, :, None, None]).min(axis=0)
        np.minimum(ways, at_kept[source] + parts.into[:, None], out=ways)
        if parts.held:
            ways[(parts.waits[:, None] & ~source) != 0] = NO_WAY
            ways = np.where(parts.early[:, None], NO_WAY, ways)
        at_loose[which, source | bit] = ways
        join = (at_loose[:, sets, :-1] + parts.out[:, None, 1:]).min(axis=0)
        ways = np.minimum.accumulate(join - parts.along[1:], axis=1) + parts.along[1:]
        if parts.held:
            ways[(parts.due[1:] & ~sets[:, None]) != 0] = NO_WAY
        at_kept[sets, 1:] = ways
    return at_kept, at_loose


def _read_back(parts: Parts, at_kept: Ints, at_loose: Ints) -> list[int]:
    """Of equal ways the one that serves loose stops late."""
    seen, place, back = at_loose.shape[1] - 1, len(parts.kept) - 1, [parts.end]
    from_loose, from_kept = parts.home[:-1], parts.home[-1]
    while seen:
        ways = at_loose[:, seen, place] + from_loose
        stop = int(ways.argmin())
        if ways[stop] <= at_kept[seen, place] + from_kept:
            back.append(int(parts.stops[stop]))
            seen ^= 1 << int(parts.group[stop])
            from_loose, from_kept = parts.between[:, stop], parts.into[stop, place]
        else:
            back.append(int(parts.kept[place]))
            from_loose, from_kept = parts.out[:, place], parts.along[place] - parts.along[place - 1]
            place -= 1
    return [*parts.kept[: place + 1].tolist(), *reversed(back)]


@lru_cache
def _layers(groups: int) -> list[tuple[Ints, Ints]]:
    """By size from 1: the sets, and for each group what they were before it, if it was the last."""
    import numpy as np

    sets = np.arange(1 << groups)
    size = np.bitwise_count(sets)
    return [
        (
            np.array([sets[(size == k - 1) & (sets >> g & 1 == 0)] for g in range(groups)]),
            sets[size == k],
        )
        for k in range(1, groups + 1)
    ]
