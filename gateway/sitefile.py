"""The site file as checked models: what the warehouse decides, in the words of the trade."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from devices.map.base import Config, Names
from devices.map.units import Grams, Percent, Seconds, quantity
from wcs.names import Mode

OnShort = Literal["ship_partial", "hold", "cancel_line", "ask"]
Text = Annotated[str, BeforeValidator(str)]
"""Lane names may be numbers in the file."""


class ZoneConfig(Config):
    station: str
    lights: str
    display: str
    scanner: str
    colour: Literal["green", "blue", "red", "white", "yellow"]
    start: str
    end: str
    light_of: dict[str, str]
    batch: Annotated[int, Strict(), Field(ge=1, le=20)] = 1


class TripsConfig(Config):
    vehicle: str
    map_id: str
    pick_node: str
    drop_node: str
    way: Names
    capacity: Annotated[int, Strict()] = 6
    dispatch_after_s: Seconds
    doors: Names = ()


class MergeLaneConfig(Config):
    lane: Text
    priority: int
    source: Literal["vehicle", "hospital", "recirculation"]
    door: str | None = None


def _several(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class MergeConfig(Config):
    device: str
    lanes: Annotated[tuple[MergeLaneConfig, ...], BeforeValidator(_several)]


class ToleranceConfig(Config):
    percent: Percent
    at_least: Grams


class PackConfig(Config):
    scanner: str
    scale: str
    printer: str
    pair_within_s: Seconds
    carton_g: Grams
    tolerance: ToleranceConfig


class SortLaneConfig(Config):
    lane: Text
    door: str


class SorterConfig(Config):
    device: str
    scanner: str
    travel_s: Seconds
    read_within_s: Seconds
    hospital: Text
    recirculate: Text
    max_loops: int = 3
    lanes: Annotated[tuple[SortLaneConfig, ...], BeforeValidator(_several)]


class HospitalConfig(Config):
    station: str
    scanner: str
    printer: str


class ChannelConfig(Config):
    id: str
    kind: Literal["demo-shop"]
    owner: str
    on_short: OnShort = "ship_partial"
    safety_stock: int = 0
    services: dict[str, str]
    url: str
    secret: str
    poll_s: Seconds = 30.0


class ErpConfig(Config):
    kind: Literal["demo-erp"]
    url: str
    secret: str


class CarrierConfig(Config):
    id: str
    lane: Text
    ship_on: Literal["divert", "load_close"] = "load_close"
    cutoffs: Names = ()
    cutoff_every_s: Seconds | None = None
    kind: Literal["demo-carrier"]
    url: str
    secret: str


class PatienceConfig(Config):
    to_vehicle_s: Seconds
    to_scale_s: Seconds
    to_tunnel_s: Seconds
    to_divert_s: Seconds
    in_hospital_s: Seconds
    lamp_s: Seconds = 1.5
    trip_s: Seconds
    label_s: Seconds = 5.0


_bytes = quantity("256KB, 2GB", {"KB": 1e3, "MB": 1e6, "GB": 1e9})
Bytes = Annotated[float, BeforeValidator(_bytes), Field(ge=1)]


def _levels(text: str) -> str:
    parts = text.split("/")
    if not all(parts) or any(one in "+#\0" or one.isspace() for part in parts for one in part):
        raise ValueError(f"{text!r} is no topic: levels without +, # and spaces, / between them")
    return text


def _level(text: str) -> str:
    if "/" in text:
        raise ValueError(f"{text!r} is more than one level of a topic")
    return _levels(text)


class TelemetryConfig(Config):
    """What devices are polled, published over MQTT."""

    connection: str
    """Of the device map, with `type: mqtt`."""
    prefix: Annotated[str, AfterValidator(_levels)] = "wedge"
    site: Annotated[str, AfterValidator(_level)]
    """Messages go to `<prefix>/<site>/tags/<device>`."""
    size: Bytes = 2e9
    """On the disk while the broker is away; beyond it the oldest are dropped and counted."""
    age_s: Seconds = 259_200.0
    """What is older is dropped and counted."""
    disk: Literal["unacknowledged", "always"] = "unacknowledged"
    """What the broker has within 20 ms is not written to the disk, unless `always`."""
    largest: Bytes = 256e3
    """A longer message is dropped and counted: a broker would end the line for it."""


class SiteFile(Config):
    site: Literal[1]
    name: str
    mode: Mode = "automatic"
    """Of devices for which nobody has set one: a new site may begin with `observe`."""
    layout: str
    locations: str | None = None
    items: str
    stock: str
    zones: Annotated[tuple[ZoneConfig, ...], BeforeValidator(_several)]
    trips: TripsConfig
    merge: MergeConfig
    pack: PackConfig
    sorter: SorterConfig
    hospital: HospitalConfig
    counter: str
    channels: Annotated[tuple[ChannelConfig, ...], BeforeValidator(_several)]
    erp: ErpConfig | None = None
    carriers: Annotated[tuple[CarrierConfig, ...], BeforeValidator(_several)]
    patience: PatienceConfig
    telemetry: TelemetryConfig | None = None
    """Without it nothing is published of what is polled."""
