"""`make soak reconnects` in small: each driver, cut and back a few times; and its instruments."""

import pytest

from tests.faults.fixtures import needs
from tests.faults.lines import Needs
from tests.soak.held import Held, left_behind, slope
from tests.soak.reconnects import DRIVERS, run

__all__ = ["needs"]


@pytest.mark.parametrize("name", DRIVERS)
def test_nothing_stays_behind_after_a_few_reconnects(name: str, needs: Needs) -> None:
    made = run(needs, name, times=15, warm=5)
    assert made.passed, made.reasons


BEFORE = Held(kb=50_000, tasks=4, threads=1, sockets=6, files=9)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (Held(50_900, 5, 1, 7, 9), []),
        (Held(58_000, 4, 1, 6, 9), ["memory grew by 8000 KB"]),
        (Held(50_000, 14, 1, 6, 9), ["10 tasks stayed behind"]),
        (Held(50_000, 4, 5, 9, 9), ["4 threads stayed behind", "3 sockets stayed behind"]),
    ],
)
def test_what_stays_behind_is_said(after: Held, found: list[str]) -> None:
    assert left_behind(BEFORE, after, each=1000) == found


def test_only_what_grows_when_all_is_warm_counts() -> None:
    assert slope([(n, min(n, 100)) for n in range(0, 1000, 10)]) == pytest.approx(0.0)
    assert slope([(n, n // 4) for n in range(0, 1000, 4)]) == pytest.approx(0.25)
