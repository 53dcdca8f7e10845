"""A target against a PLC that restarts, a line that loses and delays, and a gateway that starts
again: it is written when it is not held, and only then, until the feedback shows it."""

from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.outputs import Target
from tests.devices.shakes.mutants import holds, is_caught
from tests.devices.shakes.plc import Fate, Line, Plc

FATES = st.sampled_from(["fine", "fine", "reply lost", "lost", "late"])
PLACES = st.integers(1, 2)
TIMEOUT_S = 5.0


class Story(RuleBasedStateMachine):
    def __init__(self, target: Target) -> None:
        super().__init__()
        self.plc, self.fresh, self.target = Plc(), target, target
        self.line = Line(self.plc)
        self.wanted: int | None = None  # the row that outlives everything
        self.asked = {0}
        self.now, self.writes, self.reasons = 0.0, 0, 0

    @rule(place=PLACES)
    def somebody_wants(self, place: int) -> None:
        self.wanted = place
        self.asked.add(place)
        self.target = self.target.want(place, self.now)

    @rule(fate=FATES, worked=st.integers(0, 3))
    def it_looks(self, fate: Fate, worked: int) -> None:
        """After the PLC has worked for some cycles."""
        for _ in range(worked):
            self.plc.cycle()
        self.now += 1.0
        held, place = self.plc.target, self.plc.place
        self.target, write = self.target.read(held, place, held != place, self.now)
        self.reasons += self.wanted is not None and held != self.wanted
        if write:
            self.writes += 1
            assert self.wanted is not None
            self.line.write(fate, target=self.wanted)

    @rule()
    def the_plc_restarts(self) -> None:
        self.plc.restart()

    @rule()
    def something_arrives_late(self) -> None:
        self.line.something_arrives_late()

    @rule()
    def the_session_is_a_new_one(self) -> None:
        """The rule that keeps the row asks again."""
        self.line.late.clear()
        self.target = self.fresh
        if self.wanted is not None:
            self.target = self.target.want(self.wanted, self.now)

    @invariant()
    def it_writes_only_what_is_wanted_and_not_there(self) -> None:
        assert self.writes == self.reasons
        assert self.plc.target in self.asked

    @invariant()
    def shown_is_never_said_of_something_else(self) -> None:
        if self.target.phase == "shown":
            assert self.target.wanted == self.wanted

    def teardown(self) -> None:
        """Left alone, what is wanted is there, and is said to be."""
        self.line.late.clear()
        for _ in range(8):
            self.it_looks("fine", 1)
        if self.wanted is None:
            assert (self.target.phase, self.writes) == ("idle", 0)
        else:
            assert (self.plc.place, self.plc.target) == (self.wanted, self.wanted)
            assert self.target.phase == "shown"


def test_it_is_asserted_until_it_is_shown() -> None:
    holds(partial(Story, Target(TIMEOUT_S)))


class Repeats(Target):
    """Writes until the feedback shows it, held or not."""

    def read(self, held: Any, actual: Any, busy: bool, now_s: float) -> tuple[Target, bool]:
        after, _ = super().read(held, actual, busy, now_s)
        return after, self.wanted is not None and actual != self.wanted


class Once(Target):
    """Never asserts again what was shown."""

    def read(self, held: Any, actual: Any, busy: bool, now_s: float) -> tuple[Target, bool]:
        after, write = super().read(held, actual, busy, now_s)
        return after, write and self.phase != "shown"


@pytest.mark.parametrize("mutant", [Repeats, Once])
def test_a_broken_target_is_caught(mutant: type[Target]) -> None:
    is_caught(partial(Story, mutant(TIMEOUT_S)))


def test_a_target_says_how_far_it_is() -> None:
    target = Target(5.0).want(2, 0.0)
    target, write = target.read(0, 0, False, 0.1)
    assert (target.phase, write) == ("under way", True)
    target, write = target.read(2, 1, True, 4.0)
    assert (target.phase, write) == ("under way", False)
    target, write = target.read(2, 1, True, 5.1)
    assert (target.phase, write) == ("late", False)
    target, _ = target.read(2, 2, True, 6.0)
    assert target.phase == "late"  # there, and still moving
    target, _ = target.read(2, 2, False, 6.1)
    assert target.phase == "shown"
    target, write = target.read(2, 1, False, 7.0)  # somebody moved it by hand
    assert (target.phase, write, target.since_s) == ("under way", False, 7.0)


def test_what_cannot_be_read_is_not_written_blindly() -> None:
    target, write = Target(5.0).want(2, 0.0).read(None, 0, False, 1.0)
    assert (target.phase, write) == ("under way", False)


def test_a_withdrawn_target_is_let_go_of() -> None:
    target, write = Target(5.0).want(2, 0.0).withdrawn().read(0, 0, False, 1.0)
    assert (target.phase, write) == ("idle", False)
