"""What any batching costs at least, from the orders alone."""

from __future__ import annotations

import numpy as np

from routing.batch.arrays import Whole
from routing.batch.rules import Rules


def least_mm(rules: Rules, alone: Whole) -> int:
    """alone: (n,) mm of each order alone.

    A batch costs at least what its dearest order costs alone. Take any batches, the dearest first:
    the first k together hold k times the capacity at most, so the dearest of the next one costs no
    less than the order at that place when all orders are laid side by side, the dearest first.
    """
    zones = np.array(rules.zones)
    return sum(_least(rules, alone, np.flatnonzero(zones == zone)) for zone in set(rules.zones))


def _least(rules: Rules, alone: Whole, held: Whole) -> int:
    dear = held[np.argsort(-alone[held], kind="stable")]
    bounds = [int(alone[dear[0]])]
    for limit, capacity in enumerate(rules.capacity.tolist()):
        until = np.cumsum(rules.loads[dear, limit])
        if until[-1] > 0:
            firsts = np.searchsorted(until, np.arange(0, int(until[-1]), capacity), side="right")
            bounds.append(int(alone[dear[firsts]].sum()))
    return max(bounds)
