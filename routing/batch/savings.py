"""A first batching: orders that save the most by being picked together, merged one pair a time."""

from __future__ import annotations

from collections.abc import Sequence

from routing.batch.prices import Prices
from routing.batch.rules import Rules


def by_savings(rules: Rules, prices: Prices, orders: Sequence[int]) -> list[int]:
    """Sets of orders; merging any two of them would not fit or not save.

    Clarke and Wright 1964, doi:10.1287/opre.12.4.568, in the form C&W(ii) for batches, where the
    savings of a merged batch are computed anew (de Koster, van der Poort and Wolters 1999,
    doi:10.1080/002075499191094).
    """
    batches = [1 << order for order in orders]
    while True:
        pairs = [(a, b) for i, a in enumerate(batches) for b in batches[:i] if rules.fits(a | b)]
        mm = prices.of([*(a | b for a, b in pairs), *batches])
        alone = dict(zip(batches, mm[len(pairs) :], strict=True))
        saved = [(alone[a] + alone[b] - mm[i], -i) for i, (a, b) in enumerate(pairs)]
        best, i = max(saved, default=(0, 0))
        if best <= 0:
            return batches
        a, b = pairs[-i]
        batches = [batch for batch in batches if batch not in (a, b)] + [a | b]
