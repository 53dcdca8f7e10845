"""Departures: by the clock, at regular times, and both; always later than the moment asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcs.cutoffs import next_cutoff
from wcs.names import CarrierId, LaneId
from wcs.site import Carrier


def carrier(*cutoffs: str, every_s: float | None = None) -> Carrier:
    return Carrier(
        id=CarrierId("swift"),
        lane=LaneId("1"),
        ship_on="load_close",
        cutoffs=cutoffs,
        cutoff_every_s=every_s,
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+00:00")


@pytest.mark.parametrize(
    ("truck", "after", "leaves"),
    [
        (carrier("16:30", "11:00"), "21T10:00", "21T11:00"),
        (carrier("16:30", "11:00"), "21T11:00", "21T16:30"),
        (carrier("16:30", "11:00"), "21T16:30:00.000001", "22T11:00"),
        (carrier(every_s=600), "21T10:00", "21T10:10"),
        (carrier(every_s=600), "21T10:09:59.999999", "21T10:10"),
        (carrier(every_s=7 * 3600), "21T21:30", "22T00:00"),
        (carrier("10:05", every_s=600), "21T10:00", "21T10:05"),
        (carrier("10:05", every_s=600), "21T10:05", "21T10:10"),
        (carrier(), "21T10:00", "22T00:00"),
    ],
)
def test_the_next_departure(truck: Carrier, after: str, leaves: str) -> None:
    assert next_cutoff(truck, moment(after)) == moment(leaves)


@given(
    after=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    every_s=st.floats(0.5, 90_000),
)
def test_a_regular_truck_leaves_later_and_within_its_interval(
    after: datetime, every_s: float
) -> None:
    leaves = next_cutoff(carrier(every_s=every_s), after)

    assert after < leaves <= after + timedelta(seconds=every_s)
