"""The tunnel and the sorter: lane or hospital and why, and where the carton really went."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.belt import SORTER, TRACKING, A, B, Belt, Result
from tests.rules.site import at, only
from wcs.commands import Divert
from wcs.events import (
    CartonRecirculated,
    CartonRouted,
    CartonSorted,
    CartonToHospital,
    DivertRefused,
    Event,
    UnknownInHospital,
)
from wcs.model import Carton, Lane, Track
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp, DivertAnswered, Inducted

T = TRACKING[A]


def labelled() -> Belt:
    belt = Belt()
    belt.packed()
    return belt


def lane_of(belt: Belt) -> str:
    (divert,) = (command for command in belt.commands if isinstance(command, Divert))
    return divert.lane


def inducted(belt: Belt, track: int, after_s: float = 1) -> list[Event]:
    return belt.says(Inducted(sorter=SORTER, track=track, length_mm=400, at=belt.later(after_s)))


@pytest.mark.parametrize(
    ("codes", "lane", "why"),
    [
        ((A, T), "1", "lane 1 takes cartons of swift"),
        ((T, A), "1", "lane 1 takes cartons of swift"),
        ((A, T, "9506000000015"), "1", "lane 1 takes cartons of swift"),
        ((), "3", "no-read"),
        ((T,), "3", f"no plate among {T}"),
        ((A,), "3", f"label not read, expected {T}"),
        ((A, "SW0000000777"), "3", f"label mismatch: read SW0000000777, expected {T}"),
        ((A, "L00000099", T), "3", f"several plates: {A}, L00000099"),
        (("L00000099", T), "3", "unknown plate L00000099"),
    ],
)
def test_the_read_must_match_the_carton(codes: tuple[str, ...], lane: str, why: str) -> None:
    belt = labelled()
    (routed,) = only(belt.tunnel(1, *codes), CartonRouted)
    assert (lane_of(belt), routed.why) == (lane, why)


def test_a_carton_that_was_not_weighed_does_not_leave() -> None:
    belt = Belt()
    belt.carried()
    (routed,) = only(belt.tunnel(1, A), CartonRouted)
    assert (routed.lane, routed.why) == ("3", "not weighed")


def test_a_carton_of_the_wrong_weight_does_not_leave() -> None:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    belt.weighs(580)
    (routed,) = only(belt.tunnel(1, A), CartonRouted)
    assert (routed.lane, routed.why[:12]) == ("3", "wrong weight")


def test_a_cancelled_carton_does_not_leave() -> None:
    belt = labelled()
    belt.asks_cancel("1", seconds=belt.now_s)
    (routed,) = only(belt.tunnel(1, A, T), CartonRouted)
    assert (routed.lane, routed.why) == ("3", "cancelled")
    (arrived,) = only(belt.confirms(1, "3"), CartonToHospital)
    assert (arrived.why, arrived.remedy) == ("cancelled", "put back")


def test_a_plate_that_lies_in_a_lane_is_a_duplicate() -> None:
    belt = Belt()
    belt.sorted()
    (routed,) = only(belt.tunnel(2, A, T), CartonRouted)
    assert (routed.lane, routed.why) == ("3", f"duplicate code: {A} lies sorted in lane 1")
    belt.confirms(2, "3")
    assert belt.carton().state == "sorted"
    assert belt.errands("HOSPITAL") == {"hospital:track 2": routed.why}


def test_a_plate_that_was_shipped_is_a_duplicate() -> None:
    belt = Belt()
    belt.sorted()
    belt.fires(f"load:{belt.carton().load}")
    (routed,) = only(belt.tunnel(2, A, T), CartonRouted)
    assert (routed.lane, routed.why) == ("3", f"duplicate code: {A} was shipped")


@pytest.mark.parametrize(
    ("full", "jam", "why"), [(True, False, "lane 1 is full"), (False, True, "lane 1 is jammed")]
)
def test_a_full_or_jammed_lane_recirculates(full: bool, jam: bool, why: str) -> None:
    belt = labelled()
    belt.lane("1", full=full, jam=jam)
    (routed,) = only(belt.tunnel(1, A, T), CartonRouted)
    assert (routed.lane, routed.why) == ("0", why)

    (round_again,) = only(belt.confirms(1, "0", "recirculated"), CartonRecirculated)
    assert (round_again.loops, round_again.why) == (1, why)
    assert belt.carton().next == "tunnel1"

    belt.lane("1")
    assert only(belt.tunnel(2, A, T), CartonRouted)[0].lane == "1"


def test_after_three_loops_it_goes_to_the_hospital() -> None:
    belt = labelled()
    belt.lane("1", full=True)
    for track in (1, 2, 3):
        belt.tunnel(track, A, T)
        belt.confirms(track, "0", "recirculated")
    belt.lane("1")

    (routed,) = only(belt.tunnel(4, A, T), CartonRouted)
    assert (routed.lane, routed.why) == ("3", "3 loops")
    belt.confirms(4, "3")
    belt.solves("reinduct")
    assert belt.carton().loops == 0


def test_a_full_hospital_lane_recirculates() -> None:
    belt = labelled()
    belt.lane("3", full=True)
    assert only(belt.tunnel(1), CartonRouted)[0].lane == "0"


@pytest.mark.parametrize("result", ["lane_full", "jam", "no_decision", "recirculated"])
def test_what_the_sorter_could_not_divert_comes_again(result: Result) -> None:
    belt = labelled()
    belt.tunnel(1, A, T)
    (again,) = only(belt.confirms(1, "0", result), CartonRecirculated)
    assert (again.loops, again.why) == (1, result.replace("_", " "))


def test_a_refused_command_is_said_and_waits_for_the_confirmation() -> None:
    belt = labelled()
    belt.tunnel(1, A, T)
    answer = DivertAnswered(sorter=SORTER, track=1, command="9-1", code="accepted", at=belt.later())
    assert belt.says(answer) == []
    (refused,) = only(belt.says(replace(answer, code="too_late")), DivertRefused)
    assert (refused.lpn, refused.why) == (A, "too late")
    belt.confirms(1, "0", "no_decision")
    assert (belt.carton().state, belt.carton().loops) == ("moving", 1)


def test_a_carton_without_a_frame_is_a_no_read() -> None:
    belt = labelled()
    inducted(belt, 5)
    assert belt.tx.timers["track:sorter1|5"] == at(belt.now_s + 0.4)
    start = belt.now_s

    (routed,) = only(belt.fires("track:sorter1|5"), CartonRouted)

    assert (lane_of(belt), routed.why) == ("3", "no-read")
    assert routed.before == at(start + 1.2)
    (unknown,) = only(belt.confirms(5, "3"), UnknownInHospital)
    assert (unknown.track, unknown.why) == (5, "no-read")
    assert belt.errands("HOSPITAL") == {"hospital:track 5": "no-read"}


def test_while_the_tunnel_is_away_cartons_run_round() -> None:
    belt = labelled()
    belt.says(DeviceDown(device=DeviceId("tunnel1"), reason="unplugged", at=belt.later()))
    inducted(belt, 5)
    (routed,) = only(belt.fires("track:sorter1|5"), CartonRouted)
    assert (routed.lane, routed.why) == ("0", "tunnel1 is away")
    assert belt.confirms(5, "0", "recirculated") == []


def test_a_timer_that_fires_too_late_commands_nothing() -> None:
    belt = labelled()
    inducted(belt, 5)
    belt.due("track:sorter1|5", after_s=1.3)
    assert belt.commands == []


def test_a_frame_that_comes_first_needs_no_induction() -> None:
    belt = labelled()
    belt.tunnel(5, A, T)
    inducted(belt, 5, after_s=0.1)
    assert belt.has(Track, "sorter1|5").lpn == A
    belt.confirms(5, "1")
    assert belt.carton().state == "sorted"


def test_a_frame_after_the_no_read_still_names_the_carton() -> None:
    belt = labelled()
    inducted(belt, 5)
    belt.fires("track:sorter1|5")

    belt.tunnel(5, A, T, after_s=0.3)
    assert belt.commands == []
    (arrived,) = only(belt.confirms(5, "3"), CartonToHospital)

    assert (arrived.lpn, arrived.why) == (A, "no-read")
    assert only(belt.tx.events, UnknownInHospital) == []


def test_a_frame_after_the_confirmation_still_names_the_carton() -> None:
    belt = labelled()
    inducted(belt, 5)
    belt.confirms(5, "3")
    assert belt.errands("HOSPITAL")

    belt.tunnel(5, A, T, after_s=0.5)

    assert belt.carton().state == "hospital"
    assert list(belt.errands("HOSPITAL")) == [f"hospital:{A}"]


def test_a_doubled_confirmation_changes_nothing() -> None:
    belt = labelled()
    belt.tunnel(1, A, T)
    assert len(only(belt.confirms(1, "1"), CartonSorted)) == 1
    assert belt.confirms(1, "1") == []


def test_a_doubled_confirmation_asks_nobody_again() -> None:
    belt = labelled()
    belt.in_hospital(track=7)
    belt.hand_scan(A)
    assert belt.confirms(7, "3") == []
    assert list(belt.errands("HOSPITAL")) == [f"hospital:{A}"]


def test_a_faulty_carton_behind_its_own_door_is_pulled() -> None:
    belt = labelled()
    belt.tunnel(1, A, T)
    belt.tx.save(replace(belt.carton(), fault="wrong weight"))
    belt.confirms(1, "1")
    assert belt.errands() == {f"pull:{A}": f"take {A} out of lane 1: wrong weight"}
    assert belt.carton().load is None


def test_the_same_number_again_without_a_frame_is_a_no_read() -> None:
    belt = labelled()
    belt.tunnel(5, A, T)
    inducted(belt, 5, after_s=30)
    assert belt.has(Track, "sorter1|5").lpn is None
    assert only(belt.fires("track:sorter1|5"), CartonRouted)[0].why == "no-read"


def test_a_confirmation_of_a_carton_seen_elsewhere_since_changes_nothing() -> None:
    belt = labelled()
    belt.tunnel(1, A, T)
    belt.hand_scan(A)

    assert belt.confirms(1, "1") == []
    assert belt.carton().state == "hospital"


def test_a_carton_is_where_it_was_seen_not_where_it_was_sent() -> None:
    belt = labelled()
    belt.tunnel(1, A, T)

    (sorted_,) = only(belt.confirms(1, "2"), CartonSorted)

    assert (sorted_.lane, sorted_.load) == ("2", "")
    assert (belt.carton().state, belt.carton().lane, belt.carton().load) == ("sorted", "2", None)
    assert belt.errands() == {
        f"pull:{A}": f"take {A} out of lane 2: wrong door, it belongs to lane 1"
    }


def test_an_unknown_carton_behind_a_door_is_pulled() -> None:
    belt = Belt()
    belt.tunnel(1)
    belt.confirms(1, "2")
    assert belt.errands() == {"pull:track 1": "an unknown carton lies in lane 2: no-read"}


def test_carried_to_the_hospital_the_unknown_one_gets_its_name() -> None:
    belt = labelled()
    belt.tunnel(1)
    belt.confirms(1, "2")
    belt.hand_scan(A)
    assert (belt.errands(), belt.carton().fault) == (
        {},
        "an unknown carton lies in lane 2: no-read",
    )


def test_a_track_that_nobody_knows_in_the_hospital() -> None:
    belt = Belt()
    (unknown,) = only(belt.confirms(77, "3"), UnknownInHospital)
    assert unknown.why == "unknown track"
    assert belt.confirms(77, "3") == []
    assert belt.confirms(78, "0", "no_decision") == []


def test_track_numbers_start_again_with_the_sorter() -> None:
    belt = Belt()
    belt.packed(A)
    belt.packed(B, number="2")
    belt.tunnel(1, A, T)
    belt.confirms(1, "1")
    belt.says(DeviceUp(device=SORTER, at=belt.later(30)))
    assert [c for c in belt.commands if isinstance(c, Divert)] == []

    inducted(belt, 1)
    belt.tunnel(1, B, TRACKING[B], after_s=0.2)
    belt.confirms(1, "1")

    assert (belt.carton(A).state, belt.carton(B).state) == ("sorted", "sorted")


def test_a_lost_confirmation_and_the_same_number_again() -> None:
    belt = Belt()
    belt.packed(A)
    belt.packed(B, number="2")
    belt.tunnel(1, A, T)
    belt.now_s += 60

    belt.tunnel(1, B, TRACKING[B])
    belt.confirms(1, "1")

    assert (belt.carton(A).state, belt.carton(B).state) == ("moving", "sorted")


def test_a_track_is_forgotten_after_an_hour() -> None:
    belt = labelled()
    belt.tunnel(1, A, T)
    belt.confirms(1, "1")
    belt.fires("track:sorter1|1")
    assert belt.tx.get(Track, "sorter1|1") is None
    assert [key for key in belt.tx.timers if key.startswith("track:")] == []


def test_a_lane_keeps_its_load_while_it_fills() -> None:
    belt = Belt()
    belt.sorted()
    belt.lane("1", full=True)
    row = belt.has(Lane, "sorter1|1")
    assert (row.full, row.load) == (True, belt.carton().load)


def test_a_frame_without_track_number_diverts_nothing() -> None:
    belt = labelled()
    belt._read("tunnel1", A, T)
    assert (belt.commands, belt.answer[0]) == ([], "refused")


CODES = st.lists(
    st.sampled_from([A, B, "L00000099", T, TRACKING[B], "9506000000015"]), max_size=4, unique=True
)


@given(
    codes=st.lists(CODES, min_size=1, max_size=4),
    induct_first=st.booleans(),
    late_s=st.floats(0, 2),
    full=st.sets(st.sampled_from(["1", "2", "3"])),
)
def test_no_command_outlives_the_window_and_no_door_without_a_match(
    codes: list[list[str]], induct_first: bool, late_s: float, full: set[str]
) -> None:
    belt = labelled()
    for lane in full:
        belt.lane(lane, full=True)
    for track, read in enumerate(codes, start=1):
        start = belt.now_s
        if induct_first:
            inducted(belt, track, after_s=0)
            belt.due(f"track:sorter1|{track}", late_s)
            _checked(belt, start + 1.2, ())
        else:
            belt.tunnel(track, *read, after_s=0)
            _checked(belt, start + 1.2, read)
    assert len(list(belt.tx.find(Carton))) == 1


def _checked(belt: Belt, before_s: float, read: "list[str] | tuple[str, ...]") -> None:
    diverts = [command for command in belt.commands if isinstance(command, Divert)]
    assert all(divert.before == at(before_s) for divert in diverts)
    assert all(divert.lane in ("0", "1", "3") for divert in diverts)
    if any(divert.lane == "1" for divert in diverts):
        assert A in read and T in read
