"""The merge: which lane may release and which goes first; the PLC does the rest.

The vehicle's lane is held while a device of the pack line or the sorter is away, the hospital lane
full or the recirculation crowded, so that what is on the belt comes down first.
"""

from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from wcs import doors
from wcs.commands import MergeLaneWanted, SetMergeLane
from wcs.lookup import is_up, the_site
from wcs.model import Carton, Device, Lane
from wcs.observations import CommandFailed, DeviceUp, Due, MergeChanged
from wcs.ports import Tx
from wcs.setups import obeys
from wcs.site import MergeLane, Site

SEND_WITHIN: Final = timedelta(seconds=2)
AGAIN_AFTER: Final = timedelta(seconds=2)
ROUND_AT_MOST: Final = 10
"""Cartons that run round before no new ones are let in."""


def on_site(tx: Tx, site: Site, at: datetime) -> None:
    for lane in site.merge.lanes:
        _want(tx, site, lane, at)


def steer(tx: Tx, at: datetime) -> None:
    """Holds or frees the vehicle's lane; asked when a device comes or goes, or the sorter fills."""
    site = tx.get(Site, "site")
    if site:
        on_site(tx, site, at)


def on_merge_changed(seen: MergeChanged, tx: Tx) -> None:
    for lane in the_site(tx).merge.lanes:
        full = lane.lane in seen.full
        tx.save(Lane(sorter=seen.merge, lane=lane.lane, full=full, jam=seen.jam))


def on_due(seen: Due, tx: Tx) -> None:
    wanted = tx.get(MergeLaneWanted, seen.key.removeprefix("merge:"))
    if wanted and is_up(tx, wanted.device):
        _send(tx, wanted, seen.at)


def reassert(tx: Tx, up: DeviceUp) -> None:
    """`up.has` shows `lane=held:priority` (`1=false:5`); what differs is asked for again."""
    for wanted in list(tx.find(MergeLaneWanted, device=up.device)):
        if shown(wanted) not in up.has:
            _send(tx, wanted, up.at)


def failed(tx: Tx, seen: CommandFailed) -> None:
    """A command perished: asked for again a little later."""
    for wanted in list(tx.find(MergeLaneWanted, device=seen.device)):
        tx.wake(f"merge:{wanted.key}", seen.at + AGAIN_AFTER)


def shown(wanted: MergeLaneWanted) -> str:
    return f"{wanted.lane}={str(wanted.held).lower()}:{wanted.priority}"


def away(tx: Tx, site: Site) -> bool:
    """Whether a device is missing without which every carton would end in the hospital lane."""
    line, sorter = site.pack, site.sorter
    needed = (line.scanner, line.scale, line.printer, sorter.scanner, sorter.device)
    rows = (tx.get(Device, id) for id in needed)
    return any(not (row.up and row.ready) for row in rows if row)


def crowded(tx: Tx, site: Site) -> bool:
    """Whether the sorter could not take what would come."""
    row = tx.get(Lane, f"{site.sorter.device}|{site.sorter.hospital}")
    if row and (row.full or row.jam):
        return True
    running_round = (c for c in tx.find(Carton, state="moving") if c.loops and not c.overdue)
    return len(list(islice(running_round, ROUND_AT_MOST))) == ROUND_AT_MOST


def _want(tx: Tx, site: Site, lane: MergeLane, at: datetime) -> None:
    busy = lane.source == "vehicle" and (away(tx, site) or crowded(tx, site))
    wanted = MergeLaneWanted(
        device=site.merge.device,
        lane=lane.lane,
        held=busy or _shut(tx, lane),
        priority=lane.priority,
    )
    if tx.get(MergeLaneWanted, wanted.key) != wanted:
        tx.want(wanted)
        _send(tx, wanted, at)


def _shut(tx: Tx, lane: MergeLane) -> bool:
    return lane.door is not None and not doors.passable(tx, lane.door)


def _send(tx: Tx, wanted: MergeLaneWanted, at: datetime) -> None:
    if not obeys(tx, wanted.device):
        return
    tx.command(
        SetMergeLane(
            device=wanted.device,
            lane=wanted.lane,
            held=wanted.held,
            priority=wanted.priority,
            before=at + SEND_WITHIN,
        )
    )
