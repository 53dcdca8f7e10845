"""The line `scale zero` of the look before a shift."""

from datetime import timedelta

import pytest

from devices.tags.value import Value
from gateway.ready import zero
from tests.devices.peers import T0


def shown(weight: int | None, problem: str = "", age_s: float = 0.5) -> dict[str, Value]:
    at = T0 - timedelta(seconds=age_s)
    said = {"problem": Value(problem, at)}
    return said if weight is None else said | {"weight": Value(weight, at, "g")}


@pytest.mark.parametrize(
    ("values", "state", "found", "remedy"),
    [
        (shown(0), "good", "shows 0 g", ""),
        (shown(-5), "good", "shows -5 g", ""),
        (shown(6), "bad", "shows 6 g", "empty it, then press zero"),
        (shown(1200), "bad", "shows 1200 g", "empty it, then press zero"),
        (shown(37, "shows 37 g while it is empty: press zero"), "bad",
         "shows 37 g while it is empty", "press zero"),
        (shown(0, "overload: take off what lies on it"), "bad", "overload",
         "take off what lies on it"),
        (shown(0, age_s=6), "bad", "says no weight",
         "empty it, wait until it is at rest, look again"),
        (shown(None), "bad", "says no weight", "empty it, wait until it is at rest, look again"),
        ({}, "skipped", "not connected", "connect it first"),
    ],
)  # fmt: skip
def test_the_line_is_good_or_says_what_to_do(
    values: dict[str, Value], state: str, found: str, remedy: str
) -> None:
    line = zero("scale1", values, 5.0, T0)
    assert (line.check, line.device) == ("scale zero", "scale1")
    assert (line.state, line.found, line.remedy) == (state, found, remedy)
