"""An event handshake against a PLC that shows each event until it is acknowledged, forgets, and
wraps its numbers early: every event that it did not forget is kept once and in order."""

from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.handshake import Event, Restarted
from tests.devices.shakes.mutants import holds, is_caught
from tests.devices.shakes.plc import Fate, Line, Plc

FATES = st.sampled_from(["fine", "fine", "reply lost", "lost", "late"])


class Story(RuleBasedStateMachine):
    """A gateway with a store that knows each event by the PLC's life, its data and its number."""

    def __init__(self, kind: type[Event]) -> None:
        super().__init__()
        self.plc, self.kind = Plc(), kind
        self.line = Line(self.plc, in_order=True)
        self.event = kind()
        self.raised = self.life = 0
        self.stored: list[int] = []
        self.known: set[tuple[int, int, int]] = set()
        self.forgotten: set[int] = set()
        self.unsettled: tuple[int, int] | None = None

    @rule()
    def something_happens(self) -> None:
        self.raised += 1
        self.plc.raised.append(self.raised)
        self.plc.scan()

    @rule()
    def it_looks(self) -> None:
        try:
            seq = self.event.read(self.plc.evt_seq, self.plc.evt_ack)
        except Restarted:
            self.the_session_is_a_new_one()
            return
        if (repair := self.event.repair()) is not None:
            self.line.write("fine", evt_ack=repair)
        if seq is not None:
            self.unsettled = (seq, self.plc.evt_data)

    @rule(fate=FATES)
    def it_is_settled(self, fate: Fate) -> None:
        """The ack is written again until it was answered."""
        if self.unsettled is None:
            return
        seq, data = self.unsettled
        if (self.life, data, seq) not in self.known:
            self.known.add((self.life, data, seq))
            self.stored.append(data)
        if self.line.write(fate, evt_ack=seq):
            self.unsettled = None

    @rule()
    def the_session_is_a_new_one(self) -> None:
        self.line.late.clear()
        self.event, self.unsettled = self.kind(), None

    @rule()
    def the_plc_restarts(self) -> None:
        """Its line drops with it; its new life has another name."""
        shown = {self.plc.evt_data} if self.plc.evt_seq != self.plc.evt_ack else set()
        self.forgotten |= {*self.plc.raised, *shown} - set(self.stored)
        self.plc.restart()
        self.life += 1
        self.the_session_is_a_new_one()

    @invariant()
    def each_once_and_in_order(self) -> None:
        assert self.stored == sorted(set(self.stored))

    def teardown(self) -> None:
        for _ in range(3 * self.raised + 5):
            self.it_looks()
            self.it_is_settled("fine")
        assert set(range(1, self.raised + 1)) - set(self.stored) == self.forgotten
        assert self.plc.evt_seq == self.plc.evt_ack


def test_no_event_is_lost_and_none_is_kept_twice() -> None:
    holds(partial(Story, Event))


class Deaf(Event):
    """Takes the second event that it sees for the first one."""

    def read(self, seq: int, ack: int) -> int | None:
        fresh = super().read(seq, ack)
        return None if fresh == 2 else fresh


class NoWrap(Event):
    """Takes a number below the last one for an old event."""

    def read(self, seq: int, ack: int) -> int | None:
        last = self._offered
        fresh = super().read(seq, ack)
        return None if fresh is not None and fresh < last else fresh


@pytest.mark.parametrize("mutant", [Deaf, NoWrap])
def test_a_broken_event_is_caught(mutant: type[Event]) -> None:
    is_caught(partial(Story, mutant))
