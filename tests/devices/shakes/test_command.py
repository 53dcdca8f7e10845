"""A command against a PLC that restarts with zeroed registers, numbers that wrap early, and a line
that loses, delays and answers late: carried out once at most, acknowledged only when it was."""

from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.handshake import Command
from tests.devices.shakes.mutants import holds, is_caught
from tests.devices.shakes.plc import LAST, Fate, Line, Plc

FATES = st.sampled_from(["fine", "fine", "reply lost", "lost", "late"])


class Story(RuleBasedStateMachine):
    def __init__(self, kind: type[Command], retry: int) -> None:
        super().__init__()
        self.plc, self.kind, self.retry = Plc(), kind, retry
        self.line = Line(self.plc, in_order=True)
        self.number = 0
        self.done: list[int] = []
        self.unanswered = 0
        self._opened()

    def _opened(self, *, remembers: bool = True) -> None:
        """As `Decisions.resync`: the registers are read, and what was under way came to nothing."""
        self.line.late.clear()
        self.unanswered = 0
        self.command = self.kind(1, LAST, self.retry)
        self.command.resync(self.plc.cmd_seq, self.plc.ack, remembers=remembers)

    @rule(fates=st.tuples(FATES, FATES), seen=st.tuples(st.booleans(), st.booleans()))
    def a_command(self, fates: tuple[Fate, Fate], seen: tuple[bool, bool]) -> None:
        if not self.command.is_free:
            while self.line.late:  # one stream: it arrives ahead of the question
                self.line.something_arrives_late()
            self.command.seen(self.plc.cmd_seq, self.plc.ack)
        if not self.command.is_free:
            return  # it perishes
        self.number += 1
        seq = self.command.next()
        for fate, looked in zip(fates, seen, strict=True):
            self.line.write(fate, cmd_data=self.number)
            self.line.write(fate, cmd_seq=seq)
            self.command.sent(seq)
            if looked and self.plc.ack == seq:
                self.command.taken()
                self.done.append(self.number)
                self.unanswered = 0
                return
            if not self.command.may_repeat():
                break
        self.unanswered += 1
        if self.unanswered == LAST - 2:  # such a line was dropped long before
            self._opened()

    @rule()
    def something_arrives_late(self) -> None:
        self.line.something_arrives_late()

    @rule()
    def the_plc_restarts(self) -> None:
        """Its beat falls back and its lines are reset: the session ends."""
        self.plc.restart()
        self._opened(remembers=False)

    @rule(slow=st.booleans())
    def the_plc_takes_its_time(self, slow: bool) -> None:
        self.plc.slow = slow

    @rule()
    def the_plc_cycles(self) -> None:
        self.plc.cycle()

    @rule()
    def the_session_is_a_new_one(self) -> None:
        self._opened()

    @invariant()
    def each_at_most_once_and_no_false_done(self) -> None:
        assert len(self.plc.acted) == len(set(self.plc.acted))
        assert set(self.done) <= set(self.plc.acted)

    def teardown(self) -> None:
        self._opened()
        self.plc.slow = False
        self.plc.cycle()
        self.a_command(("fine", "fine"), (True, True))
        assert self.plc.acted[-1] == self.done[-1] == self.number


@pytest.mark.parametrize("retry", [0, 1])
def test_a_command_is_carried_out_once_at_most(retry: int) -> None:
    holds(partial(Story, Command, retry))


class Renumbers(Command):
    """A new number for the second try."""

    def sent(self, seq: int) -> None:
        super().sent(seq)
        if not self.may_repeat():
            self._sent = self._sent - 1


class Forgetful(Command):
    """Begins at 1 whatever the registers hold."""

    def resync(self, written: int, acked: int, *, remembers: bool = True) -> None:
        self._sent = 0


class Hasty(Command):
    """Writes its data over those that the PLC has not taken yet."""

    @property
    def is_free(self) -> bool:
        return True


@pytest.mark.parametrize("mutant", [Renumbers, Forgetful, Hasty])
def test_a_broken_command_is_caught(mutant: type[Command]) -> None:
    is_caught(partial(Story, mutant, 1))
