"""Loads: opened by the first carton of a lane, closed at the cut-off; closed is shipped."""

from wcs.observations import Due, LoadCloseAsked
from wcs.ports import Tx


def on_load_close_asked(seen: LoadCloseAsked, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError
