"""The tunnel and the sorter: which lane, and whether the carton got there."""

from wcs.observations import DivertAnswered, DivertConfirmed, Due, Inducted, LaneChanged, Scanned
from wcs.ports import Tx


def on_tunnel_scan(seen: Scanned, tx: Tx) -> None:
    raise NotImplementedError


def on_inducted(seen: Inducted, tx: Tx) -> None:
    raise NotImplementedError


def on_divert_answered(seen: DivertAnswered, tx: Tx) -> None:
    raise NotImplementedError


def on_divert_confirmed(seen: DivertConfirmed, tx: Tx) -> None:
    raise NotImplementedError


def on_lane_changed(seen: LaneChanged, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError
