"""A device that is away: why, and what more is learnt of it."""

from tests.rules.belt import Belt
from wcs.events import DeviceChanged
from wcs.model import Device
from wcs.names import DeviceId
from wcs.observations import DeviceDown

MERGE = DeviceId("merge1")


def why(belt: Belt, reason: str) -> list[str]:
    """What is told of the merge when it is down for that reason."""
    told = belt.says(DeviceDown(device=MERGE, reason=reason, at=belt.later()))
    return [event.why for event in told if isinstance(event, DeviceChanged)]


def test_another_reason_is_news_the_same_is_not() -> None:
    belt = Belt()
    assert why(belt, "the line dropped") == ["the line dropped"]
    assert why(belt, "its certificate expired") == ["its certificate expired"]
    assert why(belt, "its certificate expired") == []
    device = belt.has(Device, MERGE)
    assert (device.up, device.reason) == (False, "its certificate expired")
