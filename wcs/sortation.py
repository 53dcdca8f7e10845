"""The tunnel and the sorter: which lane, and whether the carton got there.

The hot path is `on_tunnel_scan`: four reads, one command. A command is useless after the carton has
passed the blade; then the PLC's own default route recirculates it and it is read again.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wcs import comparing, errands, hospital, landing, merging
from wcs.commands import Divert
from wcs.events import CartonRouted, DivertRefused
from wcs.lookup import existing, the_site
from wcs.model import Carton, Device, Lane, Track
from wcs.names import LaneId
from wcs.observations import DivertAnswered, DivertConfirmed, Due, Inducted, LaneChanged, Scanned
from wcs.ports import Tx
from wcs.site import Site, Sorter
from wcs.sortplan import NO_READ, Choice, Read, choose, identify
from wcs.whereabouts import moved

FORGET_AFTER: Final = timedelta(hours=1)


def on_tunnel_scan(seen: Scanned, tx: Tx) -> None:
    site = the_site(tx)
    if seen.trigger is None:
        tx.answer("refused", f"{seen.scanner} says no track number: nothing can be diverted")
        return
    travel = timedelta(seconds=site.sorter.travel_s)
    track = tx.get(Track, f"{site.sorter.device}|{seen.trigger}")
    read = identify(tx, seen)
    if track and track.state != "inducted" and seen.at - track.at <= travel:
        _decided_before(tx, site, track, read, seen)
        return
    choice = _open_lane(tx, site.sorter, choose(read, seen.codes, site))
    _divert(tx, site, seen.trigger, read.carton, choice, seen.at + travel, seen.at)
    if read.carton and read.carton.state != "shipped":
        _on_its_way(tx, site, seen, read.carton, choice.lane)


def on_inducted(seen: Inducted, tx: Tx) -> None:
    """The frame may have come first; a number in use that long ago is of a restarted PLC."""
    site = the_site(tx)
    track = tx.get(Track, f"{seen.sorter}|{seen.track}")
    patience = timedelta(seconds=site.patience.to_divert_s)
    if track and track.state != "ended" and seen.at - track.at <= patience:
        return
    track = Track(
        sorter=seen.sorter,
        track=seen.track,
        lpn=None,
        lane=site.sorter.recirculate,
        why="not read yet",
        at=seen.at,
        state="inducted",
    )
    tx.save(track)
    tx.wake(f"track:{track.key}", seen.at + timedelta(seconds=site.sorter.read_within_s))


def on_due(seen: Due, tx: Tx) -> None:
    """No frame came for an inducted carton; or the track may be forgotten."""
    key = seen.key.removeprefix("track:")
    track = tx.get(Track, key)
    if track is None or track.state != "inducted":
        tx.remove(Track, key)
        return
    site = the_site(tx)
    before = track.at + timedelta(seconds=site.sorter.travel_s)
    choice = _open_lane(tx, site.sorter, _without_frame(tx, site))
    _divert(tx, site, track.track, None, choice, before, seen.at)


def on_divert_answered(seen: DivertAnswered, tx: Tx) -> None:
    """A carton whose command was not accepted recirculates, and the PLC says so."""
    if seen.code == "accepted":
        return
    track = tx.get(Track, f"{seen.sorter}|{seen.track}")
    tx.emit(
        DivertRefused(
            lpn=track.lpn if track else None,
            device=seen.sorter,
            track=seen.track,
            why=seen.code.replace("_", " "),
            at=seen.at,
        )
    )


def on_divert_confirmed(seen: DivertConfirmed, tx: Tx) -> None:
    """A second confirmation, and one of a carton that was seen elsewhere since, change nothing."""
    site = the_site(tx)
    track = tx.get(Track, f"{seen.sorter}|{seen.track}")
    if track and track.state == "ended":
        return
    comparing.confirmed(tx, seen, track)
    lane = seen.lane if seen.result == "diverted" else site.sorter.recirculate
    carton = tx.get(Carton, track.lpn) if track and track.lpn else None
    ended = track or Track(
        sorter=seen.sorter, track=seen.track, lpn=None, lane=lane, why="unknown track", at=seen.at
    )
    tx.save(replace(ended, lane=lane, state="ended", at=seen.at))
    tx.wake(f"track:{ended.key}", seen.at + FORGET_AFTER)
    why = seen.result.replace("_", " ")
    if carton is None:
        landing.nameless(tx, site, ended, lane, seen.at)
    elif carton.track == seen.track:
        landing.landed(tx, site, carton, ended, lane, why, seen.at)


def on_lane_changed(seen: LaneChanged, tx: Tx) -> None:
    row = tx.get(Lane, f"{seen.sorter}|{seen.lane}")
    row = row or Lane(sorter=seen.sorter, lane=seen.lane)
    tx.save(replace(row, full=seen.full, jam=seen.jam))
    merging.steer(tx, seen.at)


def _without_frame(tx: Tx, site: Site) -> Choice:
    """A tunnel that is away reads it in the next round; one that is there could not read it."""
    tunnel = tx.get(Device, site.sorter.scanner)
    if tunnel and not tunnel.up:
        return Choice(lane=site.sorter.recirculate, why=f"{tunnel.id} is away")
    return choose(NO_READ, (), site)


def _open_lane(tx: Tx, sorter: Sorter, choice: Choice) -> Choice:
    row = tx.get(Lane, f"{sorter.device}|{choice.lane}")
    if row is None or not (row.full or row.jam):
        return choice
    why = f"lane {choice.lane} is {'jammed' if row.jam else 'full'}"
    return Choice(lane=sorter.recirculate, why=why)


def _divert(
    tx: Tx,
    site: Site,
    number: int,
    carton: Carton | None,
    choice: Choice,
    before: datetime,
    at: datetime,
) -> None:
    device, lpn = site.sorter.device, carton.lpn if carton else None
    track = Track(
        sorter=device,
        track=number,
        lpn=lpn,
        lane=choice.lane,
        why=choice.why,
        remedy=choice.remedy,
        at=at,
    )
    tx.save(track)
    tx.wake(f"track:{track.key}", at + FORGET_AFTER)
    if before > at:
        tx.command(Divert(device=device, track=number, lane=choice.lane, lpn=lpn, before=before))
    tx.emit(
        CartonRouted(
            lpn=lpn,
            order=carton.order if carton else None,
            device=device,
            track=number,
            lane=choice.lane,
            why=choice.why,
            before=before,
            at=at,
        )
    )


def _on_its_way(tx: Tx, site: Site, seen: Scanned, carton: Carton, lane: LaneId) -> None:
    if carton.state == "hospital":
        carton = hospital.left(tx, site, carton, "reinduct", str(seen.scanner), seen.at)
    moved(
        tx,
        replace(
            carton,
            state="moving",
            track=seen.trigger,
            lane=lane,
            label_ok=carton.tracking in seen.codes,
        ),
        seen.at,
        place=site.sorter.scanner,
        next=f"lane {lane}",
        within_s=site.patience.to_divert_s,
    )


def _decided_before(tx: Tx, site: Site, track: Track, read: Read, seen: Scanned) -> None:
    """The frame comes after the no-read was decided, or even after the carton was seen in its
    lane: it still says which carton that is."""
    if track.lpn is not None or read.carton is None or read.carton.state == "shipped":
        return
    tx.save(replace(track, lpn=read.carton.lpn))
    _on_its_way(tx, site, seen, read.carton, track.lane)
    if track.state == "ended":
        errands.end(tx, errands.key("hospital", f"track {track.track}"), "tunnel", seen.at)
        carton = existing(tx, Carton, read.carton.lpn)
        landing.landed(tx, site, carton, track, track.lane, "read late", seen.at)
