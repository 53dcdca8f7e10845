"""Picking by light."""

from wcs.observations import LightPressed, PickReported, Scanned
from wcs.ports import Tx


def on_bind_scan(seen: Scanned, tx: Tx) -> None:
    raise NotImplementedError


def on_light_pressed(seen: LightPressed, tx: Tx) -> None:
    raise NotImplementedError


def on_pick_reported(seen: PickReported, tx: Tx) -> None:
    raise NotImplementedError
