"""The next order for a free zone."""

from wcs.observations import Due, TourPlanned
from wcs.ports import Tx


def on_tour_planned(seen: TourPlanned, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError
