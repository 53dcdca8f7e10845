"""One clock, timers on time, and how long things took."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import GatewayClock
from gateway.inbox import Inbox
from gateway.ticks import tick
from gateway.timings import STEP, Timings
from sync.store import Store
from sync.timers import Timer, Timers
from tests.core.toys import START, scan, seen


class Machine:
    """A wall clock and a clock since boot, moved by hand."""

    def __init__(self) -> None:
        self.wall_s, self.boot_s, self.jumps = START.timestamp(), 1000.0, list[float]()

    def passes(self, seconds: float, *, wall_drift: float = 0.0) -> None:
        self.boot_s += seconds
        self.wall_s += seconds * (1 + wall_drift)

    def clock(self) -> GatewayClock:
        return GatewayClock(self.jumps.append, wall=lambda: self.wall_s, boot=lambda: self.boot_s)


def test_time_starts_with_the_wall_clock_and_goes_on_with_the_machine() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.now() == START
    machine.passes(2.5)
    assert clock.now() == START + timedelta(seconds=2.5)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, 0.6, -0.6])
def test_a_jump_of_the_wall_clock_is_reported_once_and_not_adopted(jump_s: float) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_s += jump_s
    for _ in range(10):
        machine.passes(1)
        clock.follow()
    assert clock.now() == START + timedelta(seconds=10)
    assert machine.jumps == [pytest.approx(jump_s)]
    assert clock.ahead_s == pytest.approx(jump_s)


def test_a_drifting_machine_is_kept_near_the_wall_clock() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(3600):
        machine.passes(1, wall_drift=100e-6)
        clock.follow()
    assert machine.jumps == []
    assert abs(clock.now().timestamp() - machine.wall_s) < 0.01


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(-0.4, 0.4)), max_size=30))
def test_time_never_runs_backwards_nor_by_more_than_500_ppm(steps: list) -> None:
    machine = Machine()
    clock = machine.clock()
    for passed_s, wall_moves_s in steps:
        machine.wall_s += wall_moves_s
        clock.follow()
        before = clock.now()
        machine.passes(passed_s)
        went_s = (clock.now() - before).total_seconds()
        assert went_s >= 0
        assert abs(went_s - passed_s) <= 500e-6 * passed_s + 2e-6


def test_the_real_clock_is_near_the_systems() -> None:
    assert abs(GatewayClock().now() - datetime.now(UTC)) < timedelta(seconds=1)


async def test_a_timer_becomes_an_observation_on_time(store: Store) -> None:
    machine, inbox = Machine(), Inbox()
    await store.transact([seen(scan("wake:x:5"))])
    ticking = asyncio.create_task(tick(store, inbox, machine.clock()))
    assert await inbox.take(wait_s=0.15) == []
    machine.passes(5.25)
    (fired,) = await inbox.take(wait_s=10)
    ticking.cancel()
    assert fired.observation.key == "x"  # type: ignore[union-attr]
    assert fired.observation.at == START + timedelta(seconds=5.25)


async def test_a_nearer_timer_wakes_the_one_who_waits(store: Store) -> None:
    """Without the wake it would be seen only after the longest wait."""
    store.nearer_timer.clear()
    await store.transact([seen(scan("wake:far:60"))])
    assert store.nearer_timer.is_set()
    store.nearer_timer.clear()
    await store.transact([seen(scan("wake:farther:90"))])
    assert not store.nearer_timer.is_set()
    await store.transact([seen(scan("wake:near:5"))])
    assert store.nearer_timer.is_set()


async def test_many_timers_at_once_all_fire(store: Store) -> None:
    machine, inbox = Machine(), Inbox()
    await store.transact([seen(scan(*[f"wake:t{number}:1" for number in range(200)]))])
    machine.passes(2)
    ticking = asyncio.create_task(tick(store, inbox, machine.clock()))
    fired: list[str] = []
    while len(fired) < 200:
        fired += [one.observation.key for one in await inbox.take(wait_s=10)]  # type: ignore
    ticking.cancel()
    with suppress(asyncio.CancelledError):
        await ticking
    assert sorted(fired) == sorted(f"t{number}" for number in range(200))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 9)), max_size=40))
def test_timers_in_memory_equal_a_table(changes: list) -> None:
    timers, table = Timers([Timer(START, "a")]), {"a": START}
    for key, second in changes:
        at = None if second is None else START + timedelta(seconds=second)
        timers.apply({key: at})
        if at is None:
            table.pop(key, None)
        else:
            table[key] = at
        assert timers.next_due() == min(table.values(), default=None)
    due = timers.take_due(START + timedelta(seconds=4), 100)
    assert {timer.key: timer.at for timer in due} == {
        key: at for key, at in table.items() if at <= START + timedelta(seconds=4)
    }


def test_timers_set_anew_for_ever_take_no_more_room() -> None:
    timers = Timers()
    for second in range(100_000):
        timers.apply({"lamp": START + timedelta(seconds=second)})
    assert len(timers._heap) < 5_000


@given(st.lists(st.floats(0.001, 1e5), min_size=1, max_size=200), st.floats(0, 1))
def test_quantiles_are_good_to_five_percent(values: list[float], quantile: float) -> None:
    timings = Timings()
    for value in values:
        timings.add(value)
    exact = sorted(values)[max(0, -int(-quantile * len(values) // 1) - 1)]
    assert exact / STEP <= timings.quantile_ms(quantile) <= exact * STEP * 1.0001
    assert timings.max_ms == max(values)


def test_nothing_measured_is_zero() -> None:
    assert Timings().summary() == {"p50": 0.0, "p99": 0.0, "max": 0.0}
