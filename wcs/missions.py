"""AMR trips: picked cartons ride from the hand-over node to the induction point."""

from datetime import datetime

from wcs.model import Carton
from wcs.observations import DeviceUp, Due, TripProgressed, VehicleChanged
from wcs.ports import Tx


def on_trip_progressed(seen: TripProgressed, tx: Tx) -> None:
    raise NotImplementedError


def on_vehicle_changed(seen: VehicleChanged, tx: Tx) -> None:
    raise NotImplementedError


def on_dispatch_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError


def on_trip_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError


def on_carton_picked(tx: Tx, carton: Carton, at: datetime) -> None:
    return None


def reassert(tx: Tx, up: DeviceUp) -> None:
    """What this device is wanted to show and does not (`up.has`) is asked for again."""
    return None
