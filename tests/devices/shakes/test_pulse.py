"""A pulse against a PLC that acts on every rising edge: one act per asking at most, and the output
ends off, whatever is lost, late, or forgotten."""

from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.outputs import Ended, Pulse, Sent
from tests.devices.shakes.mutants import holds, is_caught
from tests.devices.shakes.plc import Fate, Line, Plc

FATES = st.sampled_from(["fine", "fine", "reply lost", "lost", "late"])


class Story(RuleBasedStateMachine):
    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self.plc, self.fresh, self.pulse = Plc(), pulse, pulse
        self.line = Line(self.plc)
        self.now, self.asked = 0.0, 0
        self.ends: list[Ended] = []

    @rule(fate=FATES, sent=st.booleans())
    def somebody_asks(self, fate: Fate, sent: bool) -> None:
        self.pulse, write = self.pulse.ask()
        if not write:
            return
        told: Sent = "not sent"  # its deadline had passed
        if sent:
            self.asked += 1
            told = "answered" if self.line.write(fate, button=True) else "no reply"
        self.pulse, ended = self.pulse.rose(told, self.now)
        self.ends.append(ended)

    @rule(fate=FATES, waited=st.sampled_from([0.1, 0.3]))
    def time_goes_on(self, fate: Fate, waited: float) -> None:
        self.now += waited
        self.pulse = self.pulse.tick(self.now)
        if self.pulse.falls:
            there = self.line.write(fate, button=False)
            self.pulse = self.pulse.fell("answered" if there else "no reply")

    @rule()
    def it_looks(self) -> None:
        self.pulse = self.pulse.read(self.plc.button)

    @rule()
    def the_plc_restarts(self) -> None:
        self.plc.restart()

    @rule()
    def something_arrives_late(self) -> None:
        self.line.something_arrives_late()

    @rule()
    def the_session_is_a_new_one(self) -> None:
        self.pulse = self.fresh
        self.line.late.clear()

    @invariant()
    def nothing_acts_twice_and_nothing_given_is_missing(self) -> None:
        given = self.ends.count("given")
        assert given <= self.plc.pressed <= self.asked

    def teardown(self) -> None:
        """Left alone, the output is off and the next one may come."""
        while self.line.late:
            self.line.something_arrives_late()
        for _ in range(4):
            self.it_looks()
            self.time_goes_on("fine", 0.3)
        assert not self.plc.button
        assert self.pulse.is_free


def test_each_asking_acts_at_most_once_and_ends_off() -> None:
    holds(partial(Story, Pulse(0.2)))


class StaysOn(Pulse):
    """Believes that off arrived."""

    def fell(self, sent: Any) -> Pulse:
        return super().fell("answered")

    def read(self, signal: bool) -> Pulse:
        return super().read(False)


class Boasts(Pulse):
    """Says given where no reply came."""

    def rose(self, sent: Sent, now_s: float) -> tuple[Pulse, Ended]:
        after, ended = super().rose(sent, now_s)
        return after, "given" if sent == "no reply" else ended


@pytest.mark.parametrize("mutant", [StaysOn, Boasts])
def test_a_broken_pulse_is_caught(mutant: type[Pulse]) -> None:
    is_caught(partial(Story, mutant(0.2)))


def test_it_is_on_for_its_width_and_refuses_a_second_one() -> None:
    pulse, write = Pulse(0.2).ask()
    assert not write  # nobody has looked yet
    pulse, write = pulse.read(False).ask()
    assert write
    pulse, ended = pulse.rose("answered", 1.0)
    assert ended == "given"
    assert not pulse.tick(1.1).falls
    pulse, write = pulse.tick(1.1).ask()
    assert not write
    pulse = pulse.tick(1.25)
    assert pulse.falls
    assert pulse.fell("no reply").falls  # off again, as often as it takes
    assert pulse.fell("answered").is_free


def test_what_was_on_when_the_line_dropped_is_switched_off_first() -> None:
    pulse = Pulse(0.2).read(True)
    assert pulse.falls
    assert pulse.ask() == (pulse, False)
