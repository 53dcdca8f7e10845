"""What each way of using a chain costs today, and where a walker turns round in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from routing.frontier import BOTH, FROM_U, FROM_V
from routing.junctions import Chain
from routing.layout import Layout
from routing.weights import SHUT, Weights

Costs = tuple[int, int, int, int, int, int]  # mm by use of the chain, SHUT where it cannot be


@dataclass(frozen=True, slots=True)
class Stretch:
    """A chain at today's lengths. at_mm: by place, from u; shut: edges by the place before them.

    turn: what turning round in it costs; ends: what it costs at its ends when it is walked twice.
    """

    at_mm: Sequence[int]
    shut: Sequence[int] = ()
    turn: int = 0
    ends: int = 0


def stretch(
    layout: Layout, chain: Chain, weights: Weights, turn: int = 0, ends: int = 0
) -> Stretch:
    now = [weights.changed.get(e, layout.edges[e].length_mm) for e in chain.edges]
    open_mm = (0 if mm >= SHUT else mm for mm in now)
    shut = [place for place, mm in enumerate(now) if mm >= SHUT]
    return Stretch(list(accumulate(open_mm, initial=0)), shut, turn, ends)


def costs(chain: Stretch, places: Sequence[int]) -> Costs:
    """By use. places: of the picks in the chain, ascending; without any it need not be used."""
    at, length, n, turn = chain.at_mm, chain.at_mm[-1], len(places), chain.turn
    once = SHUT if chain.shut else length
    twice = 2 * once + chain.ends
    if not places:
        return 0, once, twice, SHUT, SHUT, SHUT
    splits = _splits(chain, places)
    two_trips = (2 * (length - at[places[k]] + at[places[k - 1]]) for k in splits if 0 < k < n)
    from_u = 2 * at[places[-1]] + turn if n in splits else SHUT
    from_v = 2 * (length - at[places[0]]) + turn if 0 in splits else SHUT
    return SHUT, once, twice, from_u, from_v, min(two_trips, default=SHUT) + 2 * turn


def turns(chain: Stretch, places: Sequence[int], use: int) -> tuple[int | None, int | None]:
    """The places where a walker from u and a walker from v turn round, None where there is none."""
    if use == FROM_U:
        return places[-1], None
    if use == FROM_V:
        return None, places[0]
    if use != BOTH:
        return None, None
    at, inner = chain.at_mm, (k for k in _splits(chain, places) if 0 < k < len(places))
    k = max(inner, key=lambda k: at[places[k]] - at[places[k - 1]])
    return places[k - 1], places[k]


def _splits(chain: Stretch, places: Sequence[int]) -> range:
    """How many of the picks can be served from u, the others from v: all numbers, one, or none."""
    if not chain.shut:
        return range(len(places) + 1)
    k = bisect_right(places, chain.shut[0])
    return range(k, k + all(place > chain.shut[-1] for place in places[k:]))
