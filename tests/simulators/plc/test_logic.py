"""The sorter's program, by values: `docs/wires.md` section 6."""

from pathlib import Path
from typing import Any

import pytest

from devices.map.load import load_map
from simulators.plc.bank import Bank, bank_of
from simulators.plc.logic import BEAT_LOST_S, QUEUE, Code, Logic, Result, after

DEMO = Path(__file__).parents[3] / "config" / "demo"
MAP = load_map(DEMO)


class Sorter:
    """The program with hands: time, the gateway's writes, the world's facts."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, dict[str, Any]]] = []
        self.now = 100.0
        self.bank: Bank = bank_of(MAP, "sorter1")
        self.logic = Logic(self.bank, lambda act, **what: self.acts.append((act, what)), self.now)
        self.beat()

    def beat(self) -> None:
        self.bank.put("gw_beat", self.bank.get("gw_beat") + 1)
        self.logic.scan(self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.logic.scan(self.now)

    def induct(self, body: int = 7, length_mm: int = 400) -> int:
        self.logic.eye(body, length_mm, self.now)
        act, what = self.acts[-1]
        assert act == "induct"
        return int(what["track"])

    def command(self, track: int, lane: int) -> Code:
        self.bank.put("cmd_track", track)
        self.bank.put("cmd_lane", lane)
        self.bank.put("cmd_seq", after(self.bank.get("ack_seq")))
        self.logic.scan(self.now)
        assert self.bank.get("ack_seq") == self.bank.get("cmd_seq")
        return Code(self.bank.get("ack_code"))

    def blade(self, body: int, track: int) -> int:
        self.logic.blade(body, track, self.now)
        act, what = self.acts[-1]
        assert (act, what["body"]) == ("divert", body)
        return int(what["lane"])

    def confirmed(self) -> tuple[int, int, Result]:
        assert self.bank.get("cfm_seq")
        lane, result = self.bank.get("cfm_lane"), Result(self.bank.get("cfm_result"))
        return self.bank.get("cfm_track"), lane, result


@pytest.fixture
def sorter() -> Sorter:
    return Sorter()


def test_a_carton_is_inducted_commanded_diverted_and_confirmed(sorter: Sorter) -> None:
    track = sorter.induct(body=7, length_mm=400)
    assert (track, sorter.bank.get("ind_seq"), sorter.bank.get("ind_track")) == (1, 1, 1)
    assert sorter.bank.get("ind_length") == 400
    assert sorter.command(track, 2) is Code.ACCEPTED
    assert sorter.blade(7, track) == 2
    sorter.logic.diverted(7, 2)
    assert sorter.confirmed() == (track, 2, Result.DIVERTED)


def test_places_of_the_map_hold_the_words(sorter: Sorter) -> None:
    sorter.bank.put("ind_track", 0x0001_0002)
    assert sorter.bank.tables.ir[4:6] == [1, 2]
    sorter.logic.lane(3, full=True, jam=True)
    assert sorter.bank.tables.di == [0] * 6 + [1, 0, 0, 1, 0, 1, 0, 0, 0, 0]


def test_without_a_command_a_carton_runs_straight_on(sorter: Sorter) -> None:
    track = sorter.induct()
    assert sorter.blade(7, track) == 0
    sorter.logic.diverted(7, 0)
    assert sorter.confirmed() == (track, 0, Result.NO_DECISION)


@pytest.mark.parametrize(
    ("full", "jam", "result"), [(True, False, Result.LANE_FULL), (False, True, Result.JAM)]
)
def test_a_lane_full_or_jammed_at_the_blade(
    sorter: Sorter, full: bool, jam: bool, result: Result
) -> None:
    track = sorter.induct()
    sorter.command(track, 1)
    sorter.logic.lane(1, full, jam)
    assert sorter.blade(7, track) == 0
    sorter.logic.diverted(7, 0)
    assert sorter.confirmed() == (track, 0, result)


def test_answers_to_commands_that_cannot_be_obeyed(sorter: Sorter) -> None:
    track = sorter.induct()
    assert sorter.command(track, 9) is Code.BAD_LANE
    assert sorter.command(99, 1) is Code.UNKNOWN_TRACK
    assert sorter.command(track, 1) is Code.ACCEPTED
    assert sorter.command(track, 2) is Code.DUPLICATE
    assert sorter.blade(7, track) == 1
    assert sorter.command(track, 1) is Code.TOO_LATE
    assert sorter.acts[-1][1]["after_blade"]


def test_a_repeated_command_number_is_not_acted_on(sorter: Sorter) -> None:
    track = sorter.induct()
    sorter.command(track, 2)
    sorter.bank.put("cmd_lane", 1)
    sorter.logic.scan(sorter.now)
    assert sorter.blade(7, track) == 2


def test_without_our_beat_induction_stops_and_the_default_route_is_taken(sorter: Sorter) -> None:
    track = sorter.induct()
    sorter.command(track, 1)
    sorter.wait(BEAT_LOST_S)
    sorter.logic.eye(8, 400, sorter.now)
    assert sorter.acts[-1][0] != "induct"
    assert sorter.blade(7, track) == 0
    assert sorter.command(track, 1) is Code.STOPPED
    sorter.beat()
    assert sorter.acts[-1] == ("induct", {"body": 8, "track": 2})


def test_the_plc_beats_four_times_a_second(sorter: Sorter) -> None:
    before = sorter.bank.get("plc_beat")
    for _ in range(32):
        sorter.wait(1 / 16)
    assert sorter.bank.get("plc_beat") - before == 8


def test_the_next_event_waits_for_the_ack_of_the_last(sorter: Sorter) -> None:
    for body in (1, 2, 3):
        sorter.induct(body)
    assert (sorter.bank.get("ind_seq"), sorter.bank.get("ind_track")) == (1, 1)
    for expected in (2, 3):
        sorter.bank.put("ind_ack", sorter.bank.get("ind_seq"))
        sorter.wait(0.01)
        assert (sorter.bank.get("ind_seq"), sorter.bank.get("ind_track")) == (expected, expected)


def test_with_a_full_queue_of_events_induction_stops(sorter: Sorter) -> None:
    for body in range(1, QUEUE + 2):
        sorter.induct(body)
    sorter.logic.eye(999, 400, sorter.now)
    assert sorter.acts[-1][1]["body"] == QUEUE + 1
    sorter.bank.put("ind_ack", sorter.bank.get("ind_seq"))
    sorter.wait(0.01)
    assert sorter.acts[-1][1]["body"] == 999


def test_sequence_numbers_wrap_past_zero() -> None:
    assert (after(0), after(1), after(65534), after(65535)) == (1, 2, 65535, 1)


def test_after_power_on_all_is_zero_and_old_cartons_run_straight_on(sorter: Sorter) -> None:
    track = sorter.induct(body=7)
    fresh = Sorter()
    assert [fresh.bank.get(name) for name in ("ack_seq", "ind_seq", "cfm_seq")] == [0, 0, 0]
    assert fresh.blade(7, track) == 0
    fresh.logic.diverted(7, 0)
    assert fresh.bank.get("cfm_seq") == 0
    assert fresh.induct(body=9) == 1
    assert fresh.blade(7, 1) == 0  # the same number, another carton


def test_a_map_without_that_sorter_is_refused() -> None:
    with pytest.raises(LookupError, match="scale1 is not a divert-sorter"):
        bank_of(MAP, "scale1")
