"""The plan of faults by value: the same for a seed, complete, spread over the run."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.faults import FROM, TO, Devices, due, plan_faults, progress
from simulators.story import plan

DEVICES = Devices(sorter="sorter1", merge="merge1", lights="ptl_a", hand="hand1")
ALL = {
    ("gateway", "kill"): 2,
    ("sorter1", "reset"): 1,
    ("merge1", "restart"): 1,
    ("broker", "restart"): 1,
    ("ptl_a", "restart"): 1,
    ("hand1", "unplug"): 1,
    ("shop", "500"): 1,
    ("shop", "429"): 1,
    ("shop", "silent"): 1,
    ("shop", "lost_answer"): 1,
    ("erp", "down"): 1,
}


@given(st.integers(0, 10_000))
def test_every_seed_has_every_fault_spread_over_the_run(seed: int) -> None:
    faults = plan_faults(seed, DEVICES)
    assert Counter((fault.what, fault.mode) for fault in faults) == ALL
    places = [fault.at for fault in faults]
    assert places == sorted(places)
    width = (TO - FROM) / len(faults)
    assert all(abs((at - FROM) / width - n - 0.5) < 0.51 for n, at in enumerate(places))


def test_a_seed_has_one_plan_and_another_seed_another() -> None:
    assert plan_faults(7, DEVICES) == plan_faults(7, DEVICES)
    assert plan_faults(7, DEVICES) != plan_faults(8, DEVICES)


def test_each_fault_is_due_once_when_the_run_is_so_far() -> None:
    faults = plan_faults(7, DEVICES)
    assert due(faults, 0, 0.0) == []
    assert due(faults, 0, faults[1].at) == list(faults[:2])
    assert due(faults, 2, faults[1].at) == []
    assert due(faults, 2, 1.0) == list(faults[2:])


@pytest.mark.parametrize("orders", [1, 20, 50])
def test_progress_is_the_share_of_what_the_shop_was_told(orders: int) -> None:
    story = plan(7, orders)
    moving = sum(o.ends != ("held",) and o.fate != "cancel_early" for o in story.orders)
    assert progress(story, {}) == 0.0
    assert progress(story, {"picking": moving}) == 0.5
    assert progress(story, {"picking": moving, "packed": moving, "shipped": 3}) == 1.0
    assert progress(story, {"picking": 2 * moving, "packed": moving}) == 1.0


def test_a_run_without_orders_is_over_at_once() -> None:
    assert progress(plan(7, 0), {}) == 1.0
