"""The site's own walking rules."""

from __future__ import annotations

from collections.abc import Iterable

from routing.layout import Layout
from routing.policies.asked import Policy, PolicyUnfit, Sides, Stop
from routing.weights import Weights

__all__ = ["Policy", "PolicyUnfit", "Sides", "Stop", "policy_walk"]


def policy_walk(
    layout: Layout,
    weights: Weights,
    policy: Policy,
    sides: Sides,
    start: int,
    stops: Iterable[Stop],
    end: int,
) -> list[int]:
    """Node numbers of the walk from `start` through every stop to `end`, as the rule says.

    The caller has made sure that every stop can be reached today. Raises PolicyUnfit.
    """
    raise PolicyUnfit(f"{policy}: no aisles were recognised")
