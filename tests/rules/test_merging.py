"""The merge: which lane is held, and that the PLC is told again what it forgot."""

from dataclasses import replace

import pytest

from tests.rules.belt import PRINT1, SORTER, TRACKING, A, Belt
from tests.rules.site import at
from wcs.commands import MergeLaneWanted, SetMergeLane
from wcs.merging import ROUND_AT_MOST
from wcs.model import Lane
from wcs.names import DeviceId, LaneId, Lpn
from wcs.observations import (
    CommandFailed,
    DeviceDown,
    DeviceUp,
    MergeChanged,
    PrinterChanged,
    SiteChanged,
)

MERGE = DeviceId("merge1")


def wanted(belt: Belt) -> dict[str, tuple[bool, int]]:
    return {want.lane: (want.held, want.priority) for want in belt.tx.find(MergeLaneWanted)}


def sent(belt: Belt) -> list[tuple[str, bool, int]]:
    told = [command for command in belt.commands if isinstance(command, SetMergeLane)]
    return [(command.lane, command.held, command.priority) for command in told]


def test_both_lanes_are_free_from_the_start() -> None:
    belt = Belt()
    assert wanted(belt) == {"1": (False, 5), "2": (False, 8)}
    belt.says(SiteChanged(site=belt.site, by="anna", at=belt.later()))
    assert sent(belt) == []


def test_without_the_sorter_the_vehicles_lane_is_held() -> None:
    belt = Belt()
    belt.says(DeviceDown(device=SORTER, reason="no answer", at=belt.later()))
    assert sent(belt) == [("1", True, 5)]
    assert [command.before for command in belt.commands] == [at(belt.now_s + 2)]
    assert wanted(belt) == {"1": (True, 5), "2": (False, 8)}

    belt.says(DeviceUp(device=SORTER, at=belt.later()))
    assert sent(belt) == [("1", False, 5)]


def test_a_crowded_hospital_holds_the_vehicles_lane() -> None:
    belt = Belt()
    belt.lane("3", full=True)
    assert sent(belt) == [("1", True, 5)]
    belt.lane("3", full=True)
    assert sent(belt) == []
    belt.lane("1", full=True)
    assert sent(belt) == []
    belt.lane("3", full=False)
    assert sent(belt) == [("1", False, 5)]


@pytest.mark.parametrize("device", ["tunnel1", "scan_pack1", "scale1", "print1"])
def test_without_a_device_of_the_line_nothing_new_comes_in(device: str) -> None:
    belt = Belt()
    belt.says(DeviceDown(device=DeviceId(device), reason="no answer", at=belt.later()))
    assert sent(belt) == [("1", True, 5)]
    belt.says(DeviceUp(device=DeviceId(device), at=belt.later()))
    assert sent(belt) == [("1", False, 5)]


def test_without_paper_nothing_new_comes_in() -> None:
    belt = Belt()
    for ready in (False, True):
        why = "" if ready else "paper out"
        belt.says(PrinterChanged(printer=PRINT1, ready=ready, reason=why, at=belt.later()))
        assert sent(belt) == [("1", not ready, 5)]


def test_too_many_running_round_hold_the_vehicles_lane() -> None:
    belt = Belt()
    belt.packed()
    one = belt.carton()
    for n in range(2, ROUND_AT_MOST + 1):
        belt.tx.save(replace(one, lpn=Lpn(f"L{n:08}"), loops=1))
    belt.tunnel(1, A, TRACKING[A])
    belt.confirms(1, "0", "lane_full")
    assert sent(belt) == [("1", True, 5)]

    belt.tunnel(2, A, TRACKING[A])
    belt.confirms(2, "1")
    assert sent(belt) == [("1", False, 5)]


def test_a_restarted_merge_is_told_only_what_it_does_not_show() -> None:
    belt = Belt()
    belt.says(DeviceUp(device=MERGE, has=("1=true:0", "2=false:8"), at=belt.later()))
    assert sent(belt) == [("1", False, 5)]
    belt.says(DeviceUp(device=MERGE, has=("1=false:5", "2=false:8"), at=belt.later()))
    assert sent(belt) == []


def test_a_command_that_perished_is_sent_again() -> None:
    belt = Belt()
    belt.lane("3", full=True)
    belt.says(
        CommandFailed(device=MERGE, command="1-1", what="Hold", reason="too late", at=belt.later())
    )
    assert belt.tx.timers["merge:merge1|1"] == at(belt.now_s + 2)
    belt.fires("merge:merge1|1")
    assert sent(belt) == [("1", True, 5)]

    belt.says(DeviceDown(device=MERGE, reason="gone", at=belt.later()))
    belt.due("merge:merge1|1")
    assert sent(belt) == []


def test_what_the_merge_says_is_kept() -> None:
    belt = Belt()
    belt.says(
        MergeChanged(merge=MERGE, running=True, jam=False, full=(LaneId("1"),), at=belt.later())
    )
    assert (belt.has(Lane, "merge1|1").full, belt.has(Lane, "merge1|2").full) == (True, False)
    belt.says(MergeChanged(merge=MERGE, running=False, jam=True, full=(), at=belt.later()))
    assert (belt.has(Lane, "merge1|1").full, belt.has(Lane, "merge1|1").jam) == (False, True)
