"""Handshakes against a model PLC that restarts, loses acks and doubles events, and a gateway that
is killed at any moment: nothing is lost, doubled or done twice."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from devices.handshake import Command, Drive, Event, Restarted, Watch, following


def test_numbers_wrap_to_one_and_zero_means_nothing_yet() -> None:
    assert following(0) == 1
    assert following(65534) == 65535
    assert following(65535) == 1
    assert following(9, last=9) == 1


# --- heartbeat ------------------------------------------------------------------------------------


def test_a_beat_that_stands_still_is_lost_after_its_time() -> None:
    watch = Watch(2.0, 0.0)
    watch.seen(5, 1.0)
    watch.seen(5, 2.9)
    assert not watch.lost(3.0)
    assert watch.lost(3.1)
    watch.seen(6, 3.2)
    assert not watch.lost(5.0)


def test_a_wrap_is_a_step_forward_and_a_step_back_is_a_restart() -> None:
    watch = Watch(2.0, 0.0)
    watch.seen(65535, 0.0)
    watch.seen(0, 0.1)
    watch.seen(1, 0.2)
    with pytest.raises(Restarted):
        watch.seen(0, 0.3)


@given(st.integers(0, 65535), st.lists(st.integers(0, 100), max_size=50))
def test_a_beat_that_only_rises_never_looks_like_a_restart(first: int, steps: list[int]) -> None:
    watch, value = Watch(2.0, 0.0), first
    for step in steps:
        value = (value + step) % 65536
        watch.seen(value, 0.0)


def test_our_beat_moves_once_per_move_of_the_loop() -> None:
    turns = [7]
    drive = Drive(lambda: turns[0])
    assert not drive.moved()
    turns[0] = 8
    assert drive.moved()
    assert not drive.moved()


# --- event ----------------------------------------------------------------------------------------


class EventLine(RuleBasedStateMachine):
    """A PLC with a queue of events, a gateway with a store, and everything that can go wrong
    between any two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.last = 5  # numbers wrap early, so that wraps happen in every run
        self.seq = self.ack = 0
        self.waiting: deque[int] = deque()
        self.shown: int | None = None
        self.tracks: dict[int, int] = {}
        self.track = 0
        self.our_beat = 0  # as the PLC remembers it
        self.raised: list[int] = []
        self.stored: list[int] = []
        self.life = 0
        self.known: set[tuple[int, int, int]] = set()
        self.lost_with_the_plc: set[int] = set()
        self.event = Event()
        self.unsettled: tuple[int, int] | None = None
        self.settled: int | None = None
        self.carton = 0
        self.seen_ack = 0

    @initialize(start=st.integers(0, 5))
    def begin(self, start: int) -> None:
        self.seq = self.ack = self.seen_ack = start
        self._open()

    # the PLC

    @rule()
    def a_carton_comes(self) -> None:
        self.carton += 1
        self.track += 1
        self.tracks[self.carton] = self.track
        self.raised.append(self.carton)
        self.waiting.append(self.carton)
        self._show()

    def _show(self) -> None:
        if self.waiting and self.ack == self.seq:
            self.shown = self.waiting.popleft()
            self.seq = following(self.seq, last=self.last)

    @rule()
    def the_plc_restarts(self) -> None:
        lost = [*self.waiting, *([self.shown] if self.shown is not None else [])]
        self.lost_with_the_plc |= {one for one in lost if one not in self.stored}
        self.waiting.clear()
        self.shown, self.seq, self.ack = None, 0, 0
        self.track = self.our_beat = 0
        self.the_line_drops()

    # the line and the gateway

    @rule()
    def the_line_drops(self) -> None:
        """Or the gateway is killed: the session is a new one, the store is what it was."""
        self.event, self.unsettled, self.settled = Event(), None, None
        self.seen_ack = self.ack
        self._open()

    def _open(self) -> None:
        """As `SorterSession.begin`: no beat of ours in the PLC means another life of it."""
        if not self.our_beat:
            self.life += 1
        self.our_beat = 1

    @rule(fresh=st.booleans())
    def it_polls(self, fresh: bool) -> None:
        """The ack register is polled less often than the number."""
        self.seen_ack = self.ack if fresh else self.seen_ack
        try:
            seq = self.event.read(self.seq, self.seen_ack)
        except Restarted:
            self.the_line_drops()
            return
        repair = self.event.repair()
        if repair is not None:
            self.ack = repair
            self._show()
        if seq is not None and self.shown is not None:
            self.unsettled = (seq, self.shown)

    @precondition(lambda self: self.unsettled is not None)
    @rule()
    def it_commits(self) -> None:
        assert self.unsettled is not None
        seq, carton = self.unsettled
        key = (self.life, self.tracks[carton], seq)
        if key not in self.known:
            self.known.add(key)
            self.stored.append(carton)
        self.unsettled, self.settled = None, seq

    @precondition(lambda self: self.settled is not None)
    @rule(arrives=st.booleans())
    def it_writes_the_ack(self, arrives: bool) -> None:
        assert self.settled is not None
        if arrives:
            self.ack, self.settled = self.settled, None
            if self.ack == self.seq:
                self.shown = None
            self._show()

    @invariant()
    def every_carton_once_and_in_order(self) -> None:
        assert self.stored == sorted(set(self.stored))

    def teardown(self) -> None:
        """Left alone, the line empties itself: nothing is stuck and nothing was lost but what the
        PLC itself forgot."""
        for _ in range(3 * len(self.raised) + 5):
            self.it_polls(True)
            if self.unsettled is not None:
                self.it_commits()
            if self.settled is not None:
                self.it_writes_the_ack(True)
        assert set(self.raised) - set(self.stored) == self.lost_with_the_plc


EventLine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_events = EventLine.TestCase


def test_an_event_acknowledged_before_the_session_is_not_offered_again() -> None:
    event = Event()
    assert event.read(17, 17) is None
    assert event.read(18, 17) == 18
    assert event.read(18, 17) is None


@pytest.mark.parametrize(("seq", "ack"), [(0, 4), (5, 0)])
def test_a_register_that_falls_to_zero_is_a_restart(seq: int, ack: int) -> None:
    event = Event()
    event.read(5, 4)
    with pytest.raises(Restarted):
        event.read(seq, ack)


def test_an_ack_register_left_over_from_before_a_restart_is_set_to_zero_once() -> None:
    event = Event()
    assert event.read(0, 17) is None
    assert event.repair() == 0
    assert event.read(0, 0) is None
    assert event.repair() is None


# --- command --------------------------------------------------------------------------------------


@st.composite
def fates(draw: st.DrawFn) -> list[tuple[bool, bool]]:
    """Per attempt: whether the write arrives, and whether the ack is seen."""
    return draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))


@given(fates(), st.integers(0, 1), st.integers(0, 99))
def test_a_command_is_carried_out_at_most_once_and_never_answered_by_another_ones_ack(
    fates: list[tuple[bool, bool]], retry: int, start: int
) -> None:
    """Fewer attempts than a lap of the numbers: a line that lost a whole lap was dropped long
    before."""
    command = Command(1, 99, retry)
    acted_on = ack = written = start
    command.resync(written, ack)
    acted: list[int] = []
    attempts = iter(fates)
    for number in range(len(fates)):
        seq, tries = command.next(), 0
        while True:
            arrives, seen = next(attempts, (True, True))
            tries += 1
            if arrives:
                written = seq
                if written not in (0, acted_on):  # the PLC's rule: a number repeated is not new
                    acted_on = ack = written
                    acted.append(number)
            command.sent(seq)
            if seen and ack == seq:
                assert acted[-1] == number  # the ack is of this command and no other
                break
            if not command.may_repeat():
                break
        assert tries <= 1 + retry
        assert acted.count(number) <= 1
    assert acted == sorted(acted)


def test_a_number_that_was_written_but_never_acknowledged_is_not_used_again() -> None:
    command = Command()
    command.resync(written=5, acked=4)
    assert command.next() == 6
    command.resync(written=0, acked=0)
    assert command.next() == 1
