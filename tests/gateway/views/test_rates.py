"""Key figures, from events as they come."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.views.rates import Tally
from tests.gateway.web.bench import T0, bench
from tests.pages.busy import busy


def tally(*events: tuple[str, float, dict[str, Any]]) -> Tally:
    """(kind, minutes after T0, body)"""
    made = Tally()
    for kind, minutes, body in events:
        made.count(kind, T0 + timedelta(minutes=minutes), body)
    return made


def routed(lpn: str | None, lane: str) -> dict[str, Any]:
    return {"lpn": lpn, "lane": lane}


def test_nothing_happened_is_no_number() -> None:
    rates = tally().rates(T0)
    assert (rates.read, rates.sorted_right, rates.recirculated) == (None, None, None)
    assert (rates.cartons_h, rates.lines_person_h) == (None, None)


def test_shares() -> None:
    rates = tally(
        ("CartonRouted", 0, routed("L1", "1")),
        ("CartonRouted", 0, routed("L2", "1")),
        ("CartonRouted", 0, routed(None, "3")),
        ("CartonRouted", 0, routed("L3", "2")),
        ("CartonSorted", 0, routed("L1", "1")),
        ("CartonSorted", 0, routed("L2", "2")),
        ("CartonRecirculated", 0, {"lpn": "L3"}),
    ).rates(T0 + timedelta(minutes=1))
    assert rates.read == 0.75
    assert rates.sorted_right == 0.5
    assert rates.recirculated is not None and round(rates.recirculated, 3) == 0.333


def test_paces_count_the_minutes_worked() -> None:
    picks = [("LinePicked", minute, {"by": "anna"}) for minute in (0, 0, 1, 5)]
    rates = tally(*picks, ("CartonSorted", 0, routed("L1", "1"))).rates(T0 + timedelta(minutes=6))
    assert rates.lines_person_h == 80.0  # four lines in three minutes of work
    assert rates.cartons_h == 10.0  # one in six minutes


def test_an_hour_ago_is_forgotten() -> None:
    old = tally(("CartonRouted", 0, routed(None, "3")), ("CartonRouted", 70, routed("L", "1")))
    assert old.rates(T0 + timedelta(minutes=71)).read == 1.0


async def test_it_reads_on_where_it_was(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        made = Tally()
        made.catch_up(conn, desk.now())
        await busy(desk)
        for _ in range(3):
            made.catch_up(conn, desk.now())
        assert made.rates(desk.now()).cartons_h == 7 * 60
        late = Tally()
        late.catch_up(conn, desk.now() + timedelta(hours=2))
        assert late.rates(desk.now()).read is None
