"""Whole runs of the world in virtual time: cartons go where they should, pieces never get lost."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from simulators.story import Defect, plan
from tests.simulators.world.plant import GIVEN, Plant

HOMES = {sku: location for location, sku in reversed(list(GIVEN.stock)) if sku[0] == "S"}


def orders_of(story: Any, at_most: int = 30) -> list[Any]:
    """The story's plain orders as locations and pieces."""
    plain = [order for order in story.orders if order.fate in ("normal", "changed")]
    return [
        [(HOMES[line.sku], line.sku, line.qty) for line in order.lines] for order in plain[:at_most]
    ]


DEFECTS: dict[int, Defect] = {3: "unreadable", 7: "overweight", 11: "two_plates", 12: "overweight"}


def run_of(seed: int) -> Plant:
    story = replace(plan(seed, 40), defects=DEFECTS)
    plant = Plant(orders_of(story), story)
    count = len(plant.waiting) + 1
    plant.until(lambda: out(plant) == count)
    return plant


def out(plant: Plant) -> int:
    return sum(place.startswith(("door:", "truck:")) for place in plant.places().values())


@pytest.fixture(scope="module")
def plant() -> Plant:
    return run_of(7)


def test_every_order_leaves_complete(plant: Plant) -> None:
    cartons = plant.world.goods.cartons
    assert {lpn: +cartons[lpn].contents for lpn in plant.bound} == {
        lpn: +order.got for lpn, order in plant.bound.items()
    }
    assert len(plant.bound) == len(cartons) > 20


def test_only_what_the_story_sends_there_comes_to_the_hospital(plant: Plant) -> None:
    visited = {row["lpn"]: row["defect"] for row in plant.saw("in hospital")}
    assert visited == {f"L{n:08}": defect for n, defect in DEFECTS.items()}


def test_the_same_seed_is_the_same_world(plant: Plant) -> None:
    assert list(run_of(7).world.witness.log) == list(plant.world.witness.log)


def test_another_seed_is_another_world(plant: Plant) -> None:
    assert list(run_of(8).world.witness.log) != list(plant.world.witness.log)


def test_nobody_overtakes_and_gaps_are_kept(plant: Plant) -> None:
    inducted = plant.saw("inducted")
    times = [row["at"] for row in inducted]
    assert all(b - a >= 0.4169 for a, b in pairwise(times))
    tunnel, blade = plant.saw("tunnel"), plant.saw("at the blade")
    assert [row["lpn"] for row in inducted] == [row["lpn"] for row in tunnel]
    assert [row["lpn"] for row in tunnel] == [row["lpn"] for row in blade]
    ridden = [b["at"] - t["at"] for t, b in zip(tunnel, blade, strict=True)]
    assert ridden == pytest.approx([1.5] * len(ridden), abs=0.01)


def test_the_plc_saw_no_command_after_the_blade(plant: Plant) -> None:
    commands = plant.saw("said by sorter1")
    assert len(commands) == len(plant.saw("tunnel"))
    assert Counter(row["code"] for row in commands) == {"ACCEPTED": len(commands)}
    assert not any(row["after_blade"] for row in commands)
