"""Both heartbeats against a PLC that restarts, stops and wraps: a restart is never overlooked while
it was polled, never dreamt of, and a PLC that stands still is lost."""

from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.handshake import Drive, Restarted, Watch
from tests.devices.shakes.mutants import holds, is_caught
from tests.devices.shakes.plc import Plc

SIZE = 16
LOST_AFTER_S = 2.0


class Story(RuleBasedStateMachine):
    def __init__(self, kind: type[Watch]) -> None:
        super().__init__()
        self.plc, self.kind = Plc(), kind
        self.now = self.moved_at = 0.0
        self.watch = kind(LOST_AFTER_S, 0.0, SIZE)
        self.last: int | None = None
        self.forgot = False

    @rule(beats=st.integers(0, 5), waited=st.sampled_from([0.3, 1.5]))
    def it_polls(self, beats: int, waited: float) -> None:
        for _ in range(beats):
            self.plc.cycle()
        self.now += waited
        value = self.plc.beat % SIZE
        if value != self.last:
            self.moved_at = self.now
        try:
            self.watch.seen(value, self.now)
        except Restarted:
            assert self.forgot
            self._opened()
            return
        # what it forgot shows unless it has counted past where it was, or never had counted
        assert (
            not self.forgot
            or self.last in (None, 0)
            or value >= (self.last or 0)
            or ((self.last or 0) - value >= SIZE // 2)
        )
        self.last, self.forgot = value, False

    @rule()
    def the_plc_restarts(self) -> None:
        self.plc.restart()
        self.forgot = True

    def _opened(self) -> None:
        self.watch = self.kind(LOST_AFTER_S, self.now, SIZE)
        self.last, self.forgot, self.moved_at = None, False, self.now

    @invariant()
    def lost_is_what_stands_still(self) -> None:
        assert self.watch.lost(self.now) == (self.now - self.moved_at > LOST_AFTER_S)


def test_what_stands_still_is_lost_and_what_falls_back_was_restarted() -> None:
    holds(partial(Story, Watch))


class NoWrap(Watch):
    """Takes a wrap for a restart."""

    def seen(self, value: int, now_s: float) -> None:
        if self._value is not None and value < self._value:
            raise Restarted
        super().seen(value, now_s)


class Forgiving(Watch):
    """Takes every step back for a wrap."""

    def seen(self, value: int, now_s: float) -> None:
        self._value = None if self._value is None or value < self._value else self._value
        super().seen(value, now_s)


class Touchy(Watch):
    """Any reading is a sign of life."""

    def seen(self, value: int, now_s: float) -> None:
        super().seen(value, now_s)
        self._moved_s = now_s


@pytest.mark.parametrize("mutant", [NoWrap, Forgiving, Touchy])
def test_a_broken_watch_is_caught(mutant: type[Watch]) -> None:
    is_caught(partial(Story, mutant))


class Ours(RuleBasedStateMachine):
    """Our own beat: written only after a turn of the loop, whatever becomes of the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = self.written = 0
        self.turned = False
        self.drive = Drive(lambda: self.turns)

    @rule(turns=st.integers(1, 3))
    def the_loop_turns(self, turns: int) -> None:
        self.turns += turns
        self.turned = True

    @rule()
    def a_beat_is_due(self) -> None:
        assert self.drive.moved() == self.turned
        self.written += self.turned
        self.turned = False

    @invariant()
    def no_beat_without_a_turn(self) -> None:
        assert self.written <= self.turns


def test_our_beat_is_no_faster_than_the_loop() -> None:
    holds(Ours)
