"""The merge: which lane may release and which goes first; the PLC does the rest."""

from datetime import datetime

from wcs.observations import DeviceUp, Due, MergeChanged
from wcs.ports import Tx
from wcs.site import Site


def on_merge_changed(seen: MergeChanged, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError


def on_site(tx: Tx, site: Site, at: datetime) -> None:
    return None


def reassert(tx: Tx, up: DeviceUp) -> None:
    """What this device is wanted to show and does not (`up.has`) is asked for again."""
    return None


def steer(tx: Tx, at: datetime) -> None:
    """Holds or frees the vehicle's lane; asked when the sorter comes, goes or gets crowded."""
    return None
