"""Counters over their wrap, contacts that bounce, values within their deadband."""

from hypothesis import given
from hypothesis import strategies as st

from devices.map.units import Band
from devices.tags.steady import Counter, Debounced, Still, steady
from tests.devices.tags.played import tag


def test_a_counter_goes_on_over_its_wrap_and_begins_anew_with_the_device() -> None:
    shown = Counter(65536)
    assert [shown(value, 0.0) for value in (65530, 65535, 4, 10)] == [65530, 65535, 65540, 65546]
    assert [shown(value, 0.0) for value in (0, 3)] == [0, 3]  # a small step back: restarted


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=60))
def test_a_counter_shows_all_that_was_counted(steps: list[int]) -> None:
    shown, total = Counter(65536), 0
    for step in steps:
        total += step
        assert shown(total % 65536, 0.0) == total


def test_a_bouncing_contact_turns_when_it_has_held() -> None:
    eye = Debounced(on_s=0.02, off_s=0.06)
    told = [(False, 0.0), (True, 0.01), (False, 0.015), (True, 0.02), (True, 0.035), (True, 0.041)]
    assert [eye(value, at) for value, at in told] == [False, False, False, False, False, True]
    assert [eye(value, at) for value, at in ((False, 0.05), (False, 0.1))] == [True, True]
    assert eye(False, 0.111) is False


def test_a_value_is_shown_again_when_it_left_its_deadband() -> None:
    speed = Still(Band(0.5))
    assert [speed(value, 0.0) for value in (10.0, 10.4, 10.5, 10.6, 10.2)] == [
        10.0, 10.0, 10.0, 10.6, 10.6,
    ]  # fmt: skip
    of_range = Still(Band(10, percent=True), span=50.0)
    assert [of_range(value, 0.0) for value in (20.0, 24.0, 25.1)] == [20.0, 20.0, 25.1]
    of_value = Still(Band(10, percent=True))
    assert [of_value(value, 0.0) for value in (100.0, 109.0, 111.0)] == [100.0, 100.0, 111.0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1e4))
def test_what_is_shown_is_never_further_off_than_the_deadband(
    values: list[float], width: float
) -> None:
    shown = Still(Band(width))
    for value in values:
        told = shown(value, 0.0)
        assert isinstance(told, float)
        assert abs(told - value) <= width


def test_the_map_says_which() -> None:
    assert isinstance(steady(tag("hr:0", counter=True)), Counter)
    assert isinstance(steady(tag("di:0", "bool", debounce={"on": "20ms"})), Debounced)
    assert isinstance(steady(tag("hr:0", deadband=0.5)), Still)
    assert isinstance(steady(tag("hr:0", deadband="2%")), Still)
    assert steady(tag("hr:0")) is None
