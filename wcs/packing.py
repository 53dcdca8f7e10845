"""The pack line: a carton is read, weighed against what it should weigh, and asks for its label."""

from wcs.observations import Scanned, Weighed
from wcs.ports import Tx


def on_scanned(seen: Scanned, tx: Tx) -> None:
    raise NotImplementedError


def on_weighed(seen: Weighed, tx: Tx) -> None:
    raise NotImplementedError
