"""Where a carton really is after the sorter, whatever was ordered: in a lane, in the hospital, or
round again."""

from dataclasses import replace
from datetime import datetime

from wcs import errands, hospital, merging, shipping
from wcs.events import CartonRecirculated
from wcs.lookup import carrier_to
from wcs.model import Carton, Errand, Track
from wcs.names import LaneId
from wcs.ports import Tx
from wcs.site import Site
from wcs.whereabouts import moved


def landed(
    tx: Tx, site: Site, carton: Carton, track: Track, lane: LaneId, how: str, at: datetime
) -> None:
    """`track.lane` is what was ordered, `lane` is where the carton is."""
    as_ordered = track.lane == lane
    if lane == site.sorter.recirculate:
        _round_again(tx, site, carton, track.why if as_ordered else how, at)
    elif lane == site.sorter.hospital:
        why = track.why if as_ordered else f"came instead of lane {track.lane}"
        remedy = track.remedy if as_ordered else None
        hospital.arrived(tx, site, carton, why, remedy, at)
    else:
        _in_lane(tx, site, carton, lane, at)
    if carton.loops or lane == site.sorter.recirculate:
        merging.steer(tx, at)


def nameless(tx: Tx, site: Site, track: Track, lane: LaneId, at: datetime) -> None:
    """A carton of which nobody can say which it is."""
    if lane == site.sorter.hospital:
        hospital.unknown(tx, site, track.track, track.why, at)
    elif lane != site.sorter.recirculate:
        _ask_who_it_is(tx, site, track, lane, at)


def _round_again(tx: Tx, site: Site, carton: Carton, why: str, at: datetime) -> None:
    carton = moved(
        tx,
        replace(carton, loops=carton.loops + 1, track=None, lane=None),
        at,
        place="recirculation",
        next=site.sorter.scanner,
        within_s=site.patience.to_tunnel_s,
    )
    tx.emit(
        CartonRecirculated(lpn=carton.lpn, order=carton.order, loops=carton.loops, why=why, at=at)
    )


def _in_lane(tx: Tx, site: Site, carton: Carton, lane: LaneId, at: datetime) -> None:
    carton = replace(carton, state="sorted", track=None, lane=lane)
    carton = moved(tx, carton, at, place=f"lane {lane}", next=None)
    carrier, right = carrier_to(site, lane), shipping.lane_of(site, carton)
    if carrier is None or right != lane or (carton.fault and not carton.cancelled):
        why = carton.fault or f"wrong door, it belongs to lane {right}"
        shipping.tell_sorted(tx, carton, lane, "", at)
        hospital.pull(tx, site, carton, why, at)
        return
    shipping.put_on_load(tx, site, carrier, carton, lane, at)
    if carton.cancelled:
        hospital.pull(tx, site, carton, "cancelled", at)


def _ask_who_it_is(tx: Tx, site: Site, track: Track, lane: LaneId, at: datetime) -> None:
    subject = f"track {track.track}"
    errands.ask(
        tx,
        Errand(
            key=errands.key("pull", subject),
            station=site.counter,
            kind="pull",
            subject=subject,
            text=f"an unknown carton lies in lane {lane}: {track.why}",
            remedy="carry it to the hospital lane",
            asked_at=at,
        ),
    )
