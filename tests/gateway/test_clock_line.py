"""The clock in the look before a shift: jumps, and what the kernel says of who keeps it."""

from dataclasses import replace
from math import inf

import pytest

from devices.links import Links
from devices.live import Live
from gateway.timekeeping import clock_error_s
from tests.gateway.web.equipment import made_readiness


@pytest.mark.parametrize(
    ("jumped_s", "error_s", "state", "words"),
    [
        (0.0, 0.012, "good", "in step within 12 ms"),
        (0.0, None, "good", "does not say"),
        (0.0, inf, "bad", "nothing keeps it in step"),
        (0.0, 16.0, "bad", "may be 16 s off"),
        (-3.2, 0.012, "bad", "jumped -3.2 s"),
    ],
)
async def test_a_clock_is_good_or_has_its_remedy(
    jumped_s: float, error_s: float | None, state: str, words: str
) -> None:
    ready = made_readiness(lambda: None, Links(_nobody, None), Live())  # type: ignore[arg-type]
    ready.world = replace(ready.world, clock_off_s=lambda: jumped_s, clock_error_s=lambda: error_s)
    line = ready._clock()
    assert line.state == state and words in line.found
    assert bool(line.remedy) == (state == "bad")


async def _nobody(_: object) -> None:
    return None


def test_the_kernel_says_a_time_or_nothing() -> None:
    error_s = clock_error_s()
    assert error_s is None or error_s >= 0
