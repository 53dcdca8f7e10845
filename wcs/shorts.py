"""A shelf holds less than the book says."""

from wcs.observations import ShortAnswered
from wcs.ports import Tx


def on_short_answered(seen: ShortAnswered, tx: Tx) -> None:
    raise NotImplementedError
