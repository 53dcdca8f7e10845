"""Lamps that do not do their part: an alarm in a plain sentence at the station, where the pick can
be told by hand. The lamp is asked on, and ends the alarm itself."""

from datetime import datetime
from typing import Final

from wcs import errands
from wcs.events import LampFailing, LampWell
from wcs.lampstates import LampTrouble, Trouble
from wcs.lookup import the_site
from wcs.model import Errand
from wcs.names import DeviceId, LightId, StationId
from wcs.observations import LampFailed
from wcs.ports import Tx

WORDS: Final[dict[Trouble, str]] = {
    "timed_out": "does not say whether it is lit",
    "no_answer": "does not answer",
    "stuck": "has a key that stays down",
}
PATIENCE: Final[dict[Trouble, int]] = {"timed_out": 2, "no_answer": 1, "stuck": 1}
"""One message may be lost; a lamp that says nothing twice in a row has failed."""
REMEDY: Final = "confirm its picks on this page; look at its plug and key"


def on_lamp_failed(seen: LampFailed, tx: Tx) -> None:
    fails(tx, seen.zone, seen.light, seen.outcome, seen.at)


def fails(tx: Tx, device: DeviceId, light: LightId, trouble: Trouble, at: datetime) -> None:
    before = tx.get(LampTrouble, f"{device}|{light}")
    again = before is not None and before.trouble == trouble
    times = before.times + 1 if before is not None and again else 1
    if times > PATIENCE[trouble]:
        return
    since = before.since if before is not None else at
    tx.save(LampTrouble(device=device, light=light, trouble=trouble, times=times, since=since))
    if times == PATIENCE[trouble]:
        _alarm(tx, device, light, trouble, at)


def is_well(tx: Tx, device: DeviceId, light: LightId, at: datetime) -> None:
    before = tx.get(LampTrouble, f"{device}|{light}")
    if before is None:
        return
    tx.remove(LampTrouble, before.key)
    stations = _stations(tx, device)
    ended = [errands.end(tx, _key(device, light, one), device, at) for one in stations]
    if any(ended):
        tx.emit(LampWell(device=device, light=light, why="does as it is told again", at=at))


def _alarm(tx: Tx, device: DeviceId, light: LightId, trouble: Trouble, at: datetime) -> None:
    """At every station that picks by it, in words that fit the trouble it is in now."""
    for station in _stations(tx, device):
        key = _key(device, light, station)
        tx.remove(Errand, key)
        errands.ask(
            tx,
            Errand(
                key=key,
                station=station,
                kind="lamp",
                subject=light,
                text=f"Light {light} {WORDS[trouble]}.",
                remedy=REMEDY,
                asked_at=at,
            ),
        )
    tx.emit(LampFailing(device=device, light=light, trouble=trouble, why=WORDS[trouble], at=at))


def _stations(tx: Tx, device: DeviceId) -> list[StationId]:
    site = the_site(tx)
    return [zone.station for zone in site.zones if zone.lights == device] or [site.counter]


def _key(device: DeviceId, light: LightId, station: StationId) -> str:
    return errands.key("lamp", f"{device}|{light}|{station}")
