"""A toggle against a PLC that acts on every edge: one edge per asking, an end that is true, and a
known state after everything that can happen to a line and a PLC."""

from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.outputs import Ended, Toggle
from tests.devices.shakes.mutants import holds, is_caught
from tests.devices.shakes.plc import Fate, Line, Plc

FATES = st.sampled_from(["fine", "fine", "reply lost", "lost", "late"])


class Story(RuleBasedStateMachine):
    def __init__(self, toggle: Toggle) -> None:
        super().__init__()
        self.plc, self.fresh, self.toggle = Plc(), toggle, toggle
        self.line = Line(self.plc)
        self.now, self.asked, self.forgot = 0.0, 0, False
        self.ends: list[Ended] = []

    @rule(fate=FATES)
    def somebody_asks(self, fate: Fate) -> None:
        """Signal and echo are read just ahead of the write, as ever."""
        self.it_looks(0.0)
        self.toggle, level = self.toggle.ask(self.plc.flip, self.plc.echo, self.now)
        if level is not None:
            self.asked += 1
            self.line.write(fate, flip=level)

    @rule(waited=st.sampled_from([0.1, 1.1]))
    def it_looks(self, waited: float) -> None:
        """The heartbeat is read with it: a restart is known first."""
        self.now += waited
        if self.forgot:
            self.toggle, ended = self.toggle.restarted()
            self._ends(ended)
        self.forgot = False
        self.toggle, ended = self.toggle.read(self.plc.flip, self.plc.echo, self.now)
        self._ends(ended)

    def _ends(self, ended: Ended | None) -> None:
        if ended is not None:
            self.ends.append(ended)

    @rule(slow=st.booleans())
    def the_plc_works(self, slow: bool) -> None:
        self.plc.cycle()
        self.plc.slow = slow

    @rule()
    def the_plc_restarts(self) -> None:
        self.plc.restart()
        self.forgot = True

    @rule()
    def something_arrives_late(self) -> None:
        self.line.something_arrives_late()

    @rule()
    def the_session_is_a_new_one(self) -> None:
        self.toggle, self.forgot = self.fresh, False
        self.line.late.clear()

    @invariant()
    def nothing_acts_twice_and_nothing_given_is_missing(self) -> None:
        assert self.ends.count("given") <= self.plc.flipped <= self.asked

    @invariant()
    def every_asking_ends_once(self) -> None:
        assert len(self.ends) <= self.asked

    def teardown(self) -> None:
        while self.line.late:
            self.line.something_arrives_late()
        self.plc.slow = False
        for _ in range(3):
            self.plc.cycle()
            self.it_looks(1.1)
        assert self.toggle.is_free
        assert self.toggle.level == self.plc.flip


def test_each_asking_is_one_edge_at_most_and_is_told_truly() -> None:
    holds(partial(Story, Toggle(1.0)))


class Blind(Toggle):
    """Knows nothing of restarts."""

    def restarted(self) -> tuple[Toggle, Ended | None]:
        return self, None


class Trusting(Toggle):
    """Takes a written level for an act."""

    def read(self, signal: bool, echo: bool, now_s: float) -> tuple[Toggle, Ended | None]:
        return super().read(signal, signal, now_s)


@pytest.mark.parametrize("mutant", [Blind, Trusting])
def test_a_broken_toggle_is_caught(mutant: type[Toggle]) -> None:
    is_caught(partial(Story, mutant(1.0)))


def test_the_next_edge_waits_for_the_echo() -> None:
    toggle, level = Toggle(1.0).ask(True, False, 0.0)
    assert level is None
    toggle, level = toggle.ask(True, True, 0.1)
    assert level is False
    assert toggle.ask(True, True, 0.2) == (toggle, None)
    toggle, ended = toggle.read(False, True, 0.2)
    assert ended is None
    toggle, ended = toggle.read(False, False, 0.3)
    assert (ended, toggle.is_free) == ("given", True)


def test_without_an_echo_it_is_unsure_and_no_further_edge_is_given() -> None:
    toggle, _ = Toggle(1.0).ask(False, False, 0.0)
    toggle, ended = toggle.read(True, False, 1.1)
    assert (ended, toggle.is_free) == ("unsure", False)


def test_an_act_that_never_left_is_over() -> None:
    toggle, _ = Toggle(1.0).ask(False, False, 0.0)
    toggle, ended = toggle.not_sent().read(False, False, 0.1)
    assert (ended, toggle.is_free) == (None, True)


def test_the_edge_is_counted_from_what_was_just_read() -> None:
    toggle, _ = Toggle(1.0).read(True, True, 0.0)  # before the device lost its memory
    toggle, level = toggle.ask(False, False, 0.1)
    assert level is True
