"""A scale that cannot say a weight: its carton goes on to the hospital and says why."""

import pytest

from tests.rules.belt import PRINT1, A, Belt
from tests.rules.site import only
from wcs.commands import LabelWanted
from wcs.events import CartonToHospital, DeviceChanged, LabelRequested
from wcs.model import Device
from wcs.names import DeviceId
from wcs.observations import ScaleChanged, WeighingFailed

SCALE = DeviceId("scale1")


def at_the_scale() -> Belt:
    belt = Belt()
    belt.carried()
    belt.at_pack(A)
    return belt


def fails(belt: Belt, why: str = "not stable within 3 s") -> list[object]:
    return [*belt.says(WeighingFailed(scale=SCALE, reason=why, at=belt.later()))]


def becomes(belt: Belt, reason: str) -> list[object]:
    return [*belt.says(ScaleChanged(scale=SCALE, ready=not reason, reason=reason, at=belt.later()))]


def test_a_carton_that_could_not_be_weighed_goes_to_the_hospital_with_the_reason() -> None:
    belt = at_the_scale()
    assert only(fails(belt), LabelRequested) == []  # type: ignore[arg-type]
    assert belt.wanted_labels() == {A: PRINT1}  # the label that says so
    belt.printed()
    (sent,) = only(belt.in_hospital(A), CartonToHospital)
    assert sent.why == "not weighed: not stable within 3 s"
    assert belt.carton().remedy == "reinduct"


def test_it_is_said_once() -> None:
    belt = at_the_scale()
    fails(belt)
    before = belt.has(LabelWanted, A)
    fails(belt)
    assert belt.has(LabelWanted, A) == before


@pytest.mark.parametrize("weighed", [False, True])
def test_a_failure_of_no_carton_is_refused(weighed: bool) -> None:
    belt = at_the_scale() if weighed else Belt()
    if weighed:
        belt.weighs()
    fails(belt)
    assert belt.answer == ("refused", "no carton waits for its weight: not stable within 3 s")


def test_what_is_wrong_with_the_scale_is_an_errand_until_it_is_over() -> None:
    belt = Belt()
    told = becomes(belt, "shows 37 g while it is empty: press zero")
    (changed,) = only(told, DeviceChanged)  # type: ignore[arg-type]
    assert changed.why == "not ready: shows 37 g while it is empty: press zero"
    assert belt.errands() == {"scale:scale1": "scale1: shows 37 g while it is empty"}

    becomes(belt, "overload: take off what lies on it")
    assert belt.errands() == {"scale:scale1": "scale1: overload"}
    becomes(belt, "")
    assert belt.errands() == {} and belt.has(Device, SCALE).ready
