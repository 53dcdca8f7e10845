"""What the lines of a scale mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import Scale
from devices.scale.mt_sics import NoWeight, Said, Weight
from devices.scale.weighing import Carton, Changed, Unweighed, Weighing


def scale(**changes: Any) -> Weighing:
    row = {"kind": "scale", "protocol": "mt-sics", "connection": "line", **changes}
    return Weighing(Scale.model_validate(row))


def at_rest(grams: int) -> Weight:
    return Weight(grams, stable=True)


MOVES = Weight(1234, stable=False)
OVER, UNDER, BUSY = NoWeight("overload"), NoWeight("underload"), NoWeight("busy")
WELL = Changed("")


def test_a_stable_weight_is_a_carton() -> None:
    weighing = scale()
    assert weighing.unasked(at_rest(1234), 0.0) == [Carton(1234), WELL]
    assert weighing.unasked(at_rest(51), 1.0) == [Carton(51)]


@pytest.mark.parametrize("grams", [0, 5, -5, 50, -50])
def test_what_weighs_almost_nothing_is_an_empty_scale(grams: int) -> None:
    weighing = scale()
    assert not any(isinstance(each, Carton) for each in weighing.unasked(at_rest(grams), 0.0))


def test_an_answer_is_never_a_carton() -> None:
    weighing = scale()
    assert weighing.answered(at_rest(1234)) == [WELL]
    assert weighing.answered(at_rest(1234)) == []


def test_a_weight_that_does_not_come_to_rest_is_given_up_once() -> None:
    weighing = scale(stable_timeout="2s")
    weighing.answered(at_rest(0))
    for now in (0.0, 0.5, 1.9):
        assert weighing.unasked(MOVES, now) == [] == weighing.waited(now)
    assert weighing.waited(2.0) == [Unweighed("not stable within 2 s")]
    assert weighing.unasked(MOVES, 3.0) == [] == weighing.waited(9.0)
    assert weighing.unasked(at_rest(0), 10.0) == []  # empty again: the next one counts
    assert weighing.unasked(MOVES, 11.0) == []
    assert len(weighing.waited(13.0)) == 1


def test_a_weight_that_comes_to_rest_in_time_is_a_carton() -> None:
    weighing = scale(stable_timeout="2s")
    weighing.answered(at_rest(0))
    weighing.unasked(MOVES, 0.0)
    assert weighing.unasked(at_rest(900), 1.0) == [Carton(900)]
    assert weighing.waited(99.0) == []


@pytest.mark.parametrize(
    ("said", "why", "problem"),
    [
        (OVER, "overload", "overload: take off what lies on it"),
        (UNDER, "underload", "underload: put its pan back, or press zero while it is empty"),
        (
            NoWeight("error"),
            "error",
            "it reports a fault of its own: look at its display",
        ),
    ],
)
def test_over_and_under_range_are_said_and_end_by_themselves(
    said: Said, why: str, problem: str
) -> None:
    weighing = scale()
    assert weighing.unasked(said, 0.0) == [Unweighed(why), Changed(problem)]
    assert weighing.answered(said) == [] and weighing.problem == problem
    assert weighing.answered(BUSY) == []
    assert weighing.answered(at_rest(0)) == [WELL]


@pytest.mark.parametrize("grams", [6, 37, -6, -37, 50])
def test_a_zero_that_drifted_is_said_until_it_is_zero(grams: int) -> None:
    weighing = scale()
    said = Changed(f"shows {grams} g while it is empty: press zero")
    assert weighing.answered(at_rest(grams)) == [said]
    assert weighing.answered(at_rest(grams)) == []
    assert weighing.answered(at_rest(4)) == [WELL]


def test_far_below_zero_it_is_not_even_whole() -> None:
    (changed,) = scale().answered(at_rest(-900))
    assert isinstance(changed, Changed) and changed.problem.startswith("underload")
    assert scale().unasked(at_rest(-900), 0.0)[0] == Unweighed("-900 g is below zero")


@pytest.mark.parametrize(("unit", "high"), [("g", 30_000), ("kg", 30)])
def test_a_weight_outside_its_range_is_none(unit: str, high: int) -> None:
    weighing = scale(unit=unit, range=[0, high])
    assert Carton(30_000) in weighing.unasked(at_rest(30_000), 0.0)
    assert weighing.unasked(at_rest(30_001), 0.0) == [
        Unweighed("30001 g lie outside its range, 0 to 30000 g")
    ]


SAID = st.one_of(
    st.builds(Weight, st.integers(-2000, 40_000), stable=st.booleans()),
    st.sampled_from([OVER, UNDER, BUSY, NoWeight("error")]),
)


@given(st.lists(st.tuples(SAID, st.booleans(), st.floats(0, 5))))
def test_only_stable_weights_sent_unasked_are_cartons_and_problems_come_and_go(
    story: list[tuple[Said, bool, float]],
) -> None:
    weighing, now, problem = scale(), 0.0, "not asked yet"
    for said, asked, step in story:
        now += step
        told = weighing.answered(said) if asked else weighing.unasked(said, now)
        cartons = [each.grams for each in told if isinstance(each, Carton)]
        is_one = isinstance(said, Weight) and said.stable and not asked and said.grams > 50
        assert cartons == ([said.grams] if is_one and isinstance(said, Weight) else [])
        for each in [*told, *weighing.waited(now)]:
            if isinstance(each, Changed):
                assert each.problem != problem
                problem = each.problem
        assert problem == weighing.problem
