"""The site and its parts, found by the names that observations carry."""

from typing import TypeVar

from wcs.model import Device, Pick
from wcs.names import CarrierId, ChannelId, DeviceId, LaneId, StationId
from wcs.ports import Entity, Tx
from wcs.site import Carrier, Channel, Site, Zone

E = TypeVar("E", bound=Entity)


def the_site(tx: Tx) -> Site:
    """Raises LookupError before the first `SiteChanged`."""
    return existing(tx, Site, "site")


def existing(tx: Tx, kind: type[E], key: str) -> E:
    """A row that another row names. Raises LookupError when the two disagree."""
    found = tx.get(kind, key)
    if found is None:
        raise LookupError(f"there is no {kind.__name__} {key}")
    return found


def zone_of_scanner(site: Site, scanner: str) -> Zone | None:
    """`scanner` may be the station itself, where a code is typed or scanned by a page."""
    return next((zone for zone in site.zones if scanner in (zone.scanner, zone.station)), None)


def zone_of_lights(site: Site, lights: DeviceId) -> Zone | None:
    return next((zone for zone in site.zones if zone.lights == lights), None)


def queue_of(site: Site, zone: Zone) -> StationId:
    """Operators over the same lamps share one queue of orders: that of the first."""
    shared = (zone.lights, zone.light_of)
    return next(one.station for one in site.zones if (one.lights, one.light_of) == shared)


def zone_at(site: Site, station: StationId) -> Zone | None:
    return next((zone for zone in site.zones if zone.station == station), None)


def zone_of(site: Site, pick: Pick) -> Zone:
    """Raises LookupError when the site has no such zone; none is adopted while it has a pick."""
    zone = zone_at(site, pick.station)
    if zone is None:
        raise LookupError(f"the site has no zone {pick.station}, where {pick.order} is picked")
    return zone


def channel_of(site: Site, id: ChannelId) -> Channel | None:
    return next((channel for channel in site.channels if channel.id == id), None)


def carrier_of(site: Site, id: CarrierId | None) -> Carrier | None:
    return next((carrier for carrier in site.carriers if carrier.id == id), None)


def carrier_to(site: Site, lane: LaneId) -> Carrier | None:
    """Whose cartons the sort plan sends to this lane."""
    return next((carrier for carrier in site.carriers if carrier.lane == lane), None)


def is_up(tx: Tx, device: DeviceId) -> bool:
    """False also for a device of which nothing was ever heard."""
    found = tx.get(Device, device)
    return found is not None and found.up


def is_down(tx: Tx, device: DeviceId) -> bool:
    found = tx.get(Device, device)
    return found is not None and not found.up
