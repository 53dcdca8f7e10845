"""The faults of `--faults`: which thing breaks how, and when in the run. Pure: one seed, one plan.

They are spread over the progress of the run, not over its time: a slow machine breaks in the same
places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from simulators.story import Story

FROM, TO = 0.05, 0.85
"""Of the run's progress: the first order is on its way, the last ones are not yet packed."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """`seconds`: how long it lasts, of the real clock; `count`: or how many requests it spoils."""

    at: float
    what: str
    mode: str
    seconds: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    """Who plays which part at the site."""

    sorter: str
    merge: str
    lights: str
    hand: str


def plan_faults(seed: int, devices: Devices) -> tuple[PlannedFault, ...]:
    """Every kind once, the gateway's death twice, in an order and at places drawn by the seed."""
    chance = Random(f"{seed}:faults")
    kinds = list(_kinds(chance, devices))
    chance.shuffle(kinds)
    width = (TO - FROM) / len(kinds)
    return tuple(
        PlannedFault(round(FROM + (n + chance.random()) * width, 4), what, mode, seconds, count)
        for n, (what, mode, seconds, count) in enumerate(kinds)
    )


Kind = tuple[str, str, float | None, int | None]


def _kinds(chance: Random, devices: Devices) -> Sequence[Kind]:
    def a_while() -> float:
        return round(chance.uniform(1.5, 3.0), 2)

    return (
        ("gateway", "kill", 0.5, None),
        ("gateway", "kill", 0.5, None),
        (devices.sorter, "reset", None, None),
        (devices.merge, "restart", None, None),
        ("broker", "restart", None, None),
        (devices.lights, "restart", None, None),
        (devices.hand, "unplug", a_while(), None),
        ("shop", "500", a_while(), None),
        ("shop", "429", a_while(), None),
        ("shop", "silent", a_while(), None),
        ("shop", "lost_answer", None, 1),
        ("erp", "down", a_while(), None),
    )


def due(plan: Sequence[PlannedFault], done: int, progress: float) -> Sequence[PlannedFault]:
    """What is due now, when the first `done` of the plan were had."""
    return [fault for fault in plan[done:] if fault.at <= progress]


def progress(story: Story, told: Mapping[str, int]) -> float:
    """0 to 1: how far the orders that get a carton are, by what the shop was told of them."""
    moving = sum(order.ends != ("held",) and order.fate != "cancel_early" for order in story.orders)
    steps = told.get("picking", 0) + told.get("packed", 0)
    return min(1.0, steps / (2 * moving)) if moving else 1.0
