"""A carton that was not seen at its next point in time: found, pulled or lost."""

from wcs.observations import CartonFound, CartonLost, CartonPulled, Due
from wcs.ports import Tx


def on_carton_pulled(seen: CartonPulled, tx: Tx) -> None:
    raise NotImplementedError


def on_carton_found(seen: CartonFound, tx: Tx) -> None:
    raise NotImplementedError


def on_carton_lost(seen: CartonLost, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError
