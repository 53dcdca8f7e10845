"""The site folder joined: site file, device map, layout and overlay, and what crosses them
checked, all before the first socket opens."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from devices.map.explain import hint
from devices.map.files import load_as
from devices.map.load import load_map
from devices.map.schema import DeviceMap, Mqtt, Scale, Scanner
from gateway.sitefile import (
    CarrierConfig,
    ChannelConfig,
    ErpConfig,
    PatienceConfig,
    SiteFile,
    TelemetryConfig,
)
from gateway.sitelamps import lamps
from gateway.sitelayout import read_site_layout
from routing.errors import LayoutError
from routing.layout import Layout
from wcs import site as wcs
from wcs.names import (
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    LocationCode,
    Owner,
    StationId,
)

H = TypeVar("H", ChannelConfig, ErpConfig, CarrierConfig)


class SettingsError(Exception):
    """One line a mistake: file, place, fact, hint."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Simulated:
    """Where a site's equipment is simulated: how fast its people walk, and the director's side."""

    speed: float
    seed: int
    control: str = ""
    """Empty where nobody directs: `wedge simulate` alone."""
    control_token: str = ""


class Overlay(BaseModel):
    """What `wedge simulate` writes: addresses that replace those of the files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connections: dict[str, dict[str, Any]] = {}
    hosts: dict[str, dict[str, str]] = {}
    stock: Path | None = None
    simulated: Simulated | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    site: wcs.Site
    map: DeviceMap
    channels: tuple[ChannelConfig, ...]
    erp: ErpConfig | None
    carriers: tuple[CarrierConfig, ...]
    items: Path
    stock: Path
    simulated: Simulated | None
    locations: frozenset[str]
    telemetry: TelemetryConfig | None = None


def load(folder: Path, overlay_file: Path | None = None) -> Settings:
    """Raises SettingsError, or MapErrors and CsvErrors of the files themselves."""
    overlay = read_overlay(overlay_file)
    hosts, simulated = overlay.hosts, overlay.simulated
    file = load_as(SiteFile, folder / "site.yaml")
    device_map = load_map(folder, overlay.connections)
    places = folder / file.locations if file.locations else None
    text, layout = _layout(folder / file.layout, places)
    problems = list(_crossings(file, device_map, layout))
    if problems:
        raise SettingsError([f"{folder / 'site.yaml'}: {problem}" for problem in problems])
    return Settings(
        site=_site(file, device_map, layout, text, simulated),
        map=device_map,
        channels=tuple(_at(channel, hosts.get(channel.id)) for channel in file.channels),
        erp=_at(file.erp, hosts.get("erp")) if file.erp else None,
        carriers=tuple(_at(carrier, hosts.get("carrier")) for carrier in file.carriers),
        items=folder / file.items,
        stock=overlay.stock or folder / file.stock,
        simulated=simulated,
        locations=frozenset(layout.locations),
        telemetry=file.telemetry,
    )


def read_overlay(path: Path | None) -> Overlay:
    if path is None:
        return Overlay()
    try:
        return Overlay.model_validate_json(path.read_bytes())
    except ValidationError as err:
        told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in err.errors()]
        raise SettingsError([f"{path}: not an overlay: {one}" for one in told]) from err
    except OSError as err:
        raise SettingsError([f"{path}: the overlay cannot be read: {err.strerror}"]) from err


def _layout(path: Path, places: Path | None) -> tuple[str, Layout]:
    try:
        return read_site_layout(path, places)
    except LayoutError as err:
        raise SettingsError(list(err.problems)) from err


def _at(host: H, place: dict[str, str] | None) -> H:
    return host.model_copy(update=place) if place else host


def _crossings(file: SiteFile, device_map: DeviceMap, layout: Layout) -> Iterator[str]:
    """What one file says of another: devices of the right kind, lanes, lights, nodes, locations."""
    known = {name: device.kind for name, device in device_map.devices.items()}
    for place, name, kind in _devices(file):
        if known.get(name) != kind:
            found = f"is a {known[name]}" if name in known else "is not in the device map"
            yield f"{place}: {name!r} {found}; a {kind} is needed there"
    for place, node in _nodes(file):
        if node not in layout.nodes:
            yield f"{place}: node {node!r} is not in the layout"
    for zone in file.zones:
        for location in zone.light_of:
            if location not in layout.locations:
                yield f"zones.{zone.station}.light_of: location {location!r} is not in the layout"
    yield from lamps(file, device_map)
    yield from _tunnel(file, device_map)
    lanes = {lane.lane for lane in file.sorter.lanes}
    for carrier in file.carriers:
        if carrier.lane not in lanes:
            yield f"carriers.{carrier.id}.lane: {carrier.lane!r} is no lane of the sorter"
    if file.telemetry is not None:
        yield from _broker(file.telemetry.connection, device_map)
    carriers = {carrier.id for carrier in file.carriers}
    for channel in file.channels:
        for service, carrier_id in channel.services.items():
            if carrier_id not in carriers:
                yield f"channels.{channel.id}.services.{service}: no carrier {carrier_id!r}"


def _broker(name: str, device_map: DeviceMap) -> Iterator[str]:
    found = device_map.connections.get(name)
    if not isinstance(found, Mqtt):
        told = f"is a {found.type}" if found else "is not in the device map"
        near = "" if found else hint(name, device_map.connections)
        yield f"telemetry.connection: {name!r} {told}; an mqtt connection is needed there{near}"
    for device in device_map.devices:
        if set(device) & set("+#/"):
            yield f"telemetry: device {device!r} cannot be a level of a topic: no +, # and /"


def _tunnel(file: SiteFile, device_map: DeviceMap) -> Iterator[str]:
    """Nothing is a no-read before the tunnel could have spoken."""
    tunnel = device_map.devices.get(file.sorter.scanner)
    how = tunnel.associate if isinstance(tunnel, Scanner) else None
    if how is not None and how.window is not None and how.latest >= file.sorter.read_within_s:
        yield (
            f"sorter.read_within: {file.sorter.read_within_s:g} s are over before"
            f" {file.sorter.scanner} has spoken: its gate is open for {how.latest:g} s"
        )


def _devices(file: SiteFile) -> Iterator[tuple[str, str, str]]:
    for zone in file.zones:
        yield f"zones.{zone.station}.lights", zone.lights, "pick-to-light-zone"
        yield f"zones.{zone.station}.scanner", zone.scanner, "scanner"
    yield "trips.vehicle", file.trips.vehicle, "vda5050-fleet"
    yield from (("trips.doors", door, "door") for door in file.trips.doors)
    for lane in file.merge.lanes:
        if lane.door is not None:
            yield f"merge.lanes.{lane.lane}.door", lane.door, "door"
    yield "merge.device", file.merge.device, "merge-lift"
    yield "pack.scanner", file.pack.scanner, "scanner"
    yield "pack.scale", file.pack.scale, "scale"
    yield "pack.printer", file.pack.printer, "zpl-printer"
    yield "sorter.device", file.sorter.device, "divert-sorter"
    yield "sorter.scanner", file.sorter.scanner, "scanner"
    yield "hospital.scanner", file.hospital.scanner, "scanner"
    yield "hospital.printer", file.hospital.printer, "zpl-printer"


def _nodes(file: SiteFile) -> Iterator[tuple[str, str]]:
    for zone in file.zones:
        yield f"zones.{zone.station}.start", zone.start
        yield f"zones.{zone.station}.end", zone.end
    yield from (("trips.way", node) for node in file.trips.way)
    yield "trips.pick_node", file.trips.pick_node
    yield "trips.drop_node", file.trips.drop_node


def _site(
    file: SiteFile, map: DeviceMap, layout: Layout, text: str, simulated: Simulated | None
) -> wcs.Site:
    speed = simulated.speed if simulated else 1.0
    return wcs.Site(
        name=file.name,
        simulated=simulated is not None,
        zones=tuple(_zone(zone) for zone in file.zones),
        trips=_trips(file, layout, speed),
        merge=wcs.Merge(
            device=DeviceId(file.merge.device),
            lanes=tuple(
                wcs.MergeLane(
                    lane=LaneId(m.lane),
                    priority=m.priority,
                    source=m.source,
                    door=DeviceId(m.door) if m.door else None,
                )
                for m in file.merge.lanes
            ),
        ),
        pack=_pack(file, map),
        sorter=_sorter(file),
        hospital=wcs.Hospital(
            station=StationId(file.hospital.station),
            scanner=DeviceId(file.hospital.scanner),
            printer=DeviceId(file.hospital.printer),
        ),
        counter=StationId(file.counter),
        channels=tuple(_channel(channel) for channel in file.channels),
        carriers=tuple(_carrier(carrier, speed) for carrier in file.carriers),
        patience=_patience(file.patience, speed),
        layout=text,
        mode=file.mode,
    )


def _zone(zone: Any) -> wcs.Zone:
    return wcs.Zone(
        station=StationId(zone.station),
        lights=DeviceId(zone.lights),
        display=LightId(zone.display),
        scanner=DeviceId(zone.scanner),
        colour=zone.colour,
        start=zone.start,
        end=zone.end,
        light_of={LocationCode(k): LightId(v) for k, v in zone.light_of.items()},
        batch=zone.batch,
    )


def _trips(file: SiteFile, layout: Layout, speed: float) -> wcs.Trips:
    trips = file.trips
    return wcs.Trips(
        vehicle=DeviceId(trips.vehicle),
        pick_node=trips.pick_node,
        drop_node=trips.drop_node,
        map_id=trips.map_id,
        nodes={node: _pose(layout, node) for node in trips.way},
        way=trips.way,
        capacity=trips.capacity,
        dispatch_after_s=trips.dispatch_after_s / speed,
        doors=tuple(DeviceId(door) for door in trips.doors),
    )


def _pose(layout: Layout, node: str) -> tuple[float, float, float]:
    place = layout.nodes[node]
    return place.x_mm / 1000, place.y_mm / 1000, 0.0


def _pack(file: SiteFile, map: DeviceMap) -> wcs.PackLine:
    pack, scale = file.pack, map.devices.get(file.pack.scale)
    own = scale.tolerance if isinstance(scale, Scale) else None
    return wcs.PackLine(
        scanner=DeviceId(pack.scanner),
        scale=DeviceId(pack.scale),
        printer=DeviceId(pack.printer),
        pair_within_s=pack.pair_within_s,
        carton_g=round(pack.carton_g),
        tolerance_percent=own.percent if own else pack.tolerance.percent,
        tolerance_g=round(own.at_least_g if own else pack.tolerance.at_least),
    )


def _sorter(file: SiteFile) -> wcs.Sorter:
    sorter = file.sorter
    return wcs.Sorter(
        device=DeviceId(sorter.device),
        scanner=DeviceId(sorter.scanner),
        travel_s=sorter.travel_s,
        read_within_s=sorter.read_within_s,
        lanes=tuple(wcs.SortLane(lane=LaneId(n.lane), door=n.door) for n in sorter.lanes),
        hospital=LaneId(sorter.hospital),
        recirculate=LaneId(sorter.recirculate),
        max_loops=sorter.max_loops,
    )


def _channel(channel: ChannelConfig) -> wcs.Channel:
    return wcs.Channel(
        id=ChannelId(channel.id),
        owner=Owner(channel.owner),
        on_short=channel.on_short,
        safety_stock=channel.safety_stock,
        services={service: CarrierId(name) for service, name in channel.services.items()},
    )


def _carrier(carrier: CarrierConfig, speed: float) -> wcs.Carrier:
    every_s = carrier.cutoff_every_s
    return wcs.Carrier(
        id=CarrierId(carrier.id),
        lane=LaneId(carrier.lane),
        ship_on=carrier.ship_on,
        cutoffs=carrier.cutoffs,
        cutoff_every_s=every_s / speed if every_s is not None else None,
    )


def _patience(patience: PatienceConfig, speed: float) -> wcs.Patience:
    """People walk and vehicles drive faster in a simulated world; machines answer as always."""
    return wcs.Patience(
        to_vehicle_s=patience.to_vehicle_s / speed,
        to_scale_s=patience.to_scale_s / speed,
        to_tunnel_s=patience.to_tunnel_s / speed,
        to_divert_s=patience.to_divert_s,
        in_hospital_s=patience.in_hospital_s / speed,
        lamp_s=patience.lamp_s,
        trip_s=patience.trip_s / speed,
        label_s=patience.label_s,
    )
