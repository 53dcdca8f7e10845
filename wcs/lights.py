"""Lit lamps are wanted states."""

from wcs.observations import Due, LampAnswered
from wcs.ports import Tx


def on_lamp_answered(seen: LampAnswered, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError
