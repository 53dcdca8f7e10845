"""What the events of a server say of its conditions; against a real server in `tests/strangers`."""

from datetime import UTC, datetime
from typing import Any

import pytest
from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.map.schema import NodeTag
from devices.tags.opcua_conditions import NAMES, Condition, Conditions
from tests.devices.conveyor.site import RunningClock

T0 = datetime(2026, 11, 21, 10, tzinfo=UTC)


def watched(name: str) -> NodeTag:
    alarm = {"from": "opcua-condition", "node": f"plant;s={name}Alarm", "priority": "high"}
    return NodeTag.model_validate({"node": f"plant;s={name}", "type": "bool", "alarm": alarm})


TAGS = {name: watched(name) for name in ("jam", "door")}


class NoLine:
    def node(self, text: str) -> ua.NodeId:
        return ua.NodeId.from_string(f"ns=2;{text.partition(';')[2]}")


@pytest.fixture
def told() -> list[Condition]:
    return []


@pytest.fixture
def conditions(told: list[Condition]) -> Conditions:
    return Conditions(NoLine(), TAGS, RunningClock(), told.append)  # type: ignore[arg-type]


def said(conditions: Conditions, **given: Any) -> None:
    conditions.told([ua.Variant(given.get(name.replace("/", "_"))) for name in NAMES])


def event(type: int) -> dict[str, Any]:
    return {"EventType": ua.NodeId(type)}  # type: ignore[arg-type]


def alarm(name: str, active: bool, acked: bool, **more: Any) -> dict[str, Any]:
    made = {
        **event(ObjectIds.OffNormalAlarmType),
        "Condition": ua.NodeId.from_string(f"ns=2;s={name}Alarm"),
        "SourceNode": ua.NodeId.from_string("ns=2;s=Line"),
        "EventId": b"1", "Time": T0, "Message": ua.LocalizedText(f"{name}!"), "Severity": 700,
        "BranchId": ua.NodeId(), "Retain": active or not acked,
        "ActiveState_Id": active, "AckedState_Id": acked,
    }  # fmt: skip
    return {**made, **more}


def states(conditions: Conditions) -> dict[str, str]:
    return {name: one.state for name, one in conditions.known().items()}


def test_active_acknowledged_over(conditions: Conditions, told: list[Condition]) -> None:
    for active, acked, state in (
        (True, False, "active, not acknowledged"),
        (True, True, "active"),
        (False, True, "over"),
    ):
        said(conditions, **alarm("jam", active, acked))
        assert states(conditions) == {"jam": state}
    assert [one.priority for one in told] == ["high"] * 3
    shown = conditions.view()["jam.alarm"]
    assert (shown.value, shown.reason) == ("over", "jam! (severity 700)")


def test_the_same_again_is_no_news(conditions: Conditions, told: list[Condition]) -> None:
    said(conditions, **alarm("jam", True, False))
    said(conditions, **alarm("jam", True, False))
    assert len(told) == 1


def test_what_is_not_ours_or_no_condition_is_left_out(conditions: Conditions) -> None:
    said(conditions, **alarm("other", True, False))
    audit = {"SourceNode": ua.NodeId.from_string("ns=2;s=jamAlarm"), "Severity": 1}
    said(conditions, **event(ObjectIds.AuditConditionAcknowledgeEventType), **audit)
    said(conditions, **alarm("jam", True, False, BranchId=ua.NodeId.from_string("ns=2;s=branch")))
    assert states(conditions) == {}


def test_what_a_refresh_does_not_tell_is_over(conditions: Conditions) -> None:
    said(conditions, **alarm("jam", True, False))
    said(conditions, **alarm("door", True, True))
    said(conditions, **event(ObjectIds.RefreshStartEventType))
    said(conditions, **alarm("door", True, True))
    assert states(conditions)["jam"] == "active, not acknowledged"
    said(conditions, **event(ObjectIds.RefreshEndEventType))
    assert states(conditions) == {"jam": "over", "door": "active"}


def test_one_item_for_all_and_none_without_alarms(conditions: Conditions) -> None:
    (item,) = conditions.items()
    assert item.node == ua.NodeId(ObjectIds.Server)  # type: ignore[arg-type]
    assert item.filter is not None
    assert len(item.filter.SelectClauses) == len(NAMES)
    plain = {name: tag.model_copy(update={"alarm": None}) for name, tag in TAGS.items()}
    none = Conditions(NoLine(), plain, RunningClock(), lambda one: None)  # type: ignore[arg-type]
    assert none.items() == []
