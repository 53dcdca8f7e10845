"""The site as the rules see it: one piece of state, set by `SiteChanged`, so that replay sees
it too.

Seconds are seconds of the gateway clock, weights grams, quantities pieces.
"""

from typing import Literal

from wcs.names import (
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    LocationCode,
    Mode,
    Owner,
    StationId,
)
from wcs.records import entity, record

OnShort = Literal["ship_partial", "hold", "cancel_line", "ask"]
ShipOn = Literal["divert", "load_close"]


@record
class Zone:
    """A pick-to-light zone with one picker: an order display that asks for a carton, and a
    light per location."""

    station: StationId
    lights: DeviceId
    display: LightId
    scanner: DeviceId
    colour: str
    start: str
    """Layout node where the picker takes an empty carton."""
    end: str
    """Layout node where the full carton is handed to the vehicle."""
    light_of: dict[LocationCode, LightId]
    batch: int = 1
    """Orders picked on one walk, each into its own carton; 1 is one order after the other."""


@record
class Trips:
    """One vehicle that carries cartons from the zone's hand-over node to the induction point."""

    vehicle: DeviceId
    pick_node: str
    drop_node: str
    map_id: str
    nodes: dict[str, tuple[float, float, float]]
    """Poses of the vehicle's nodes: x and y in metres, theta in radians counter-clockwise from
    +x."""
    way: tuple[str, ...]
    """Nodes from `pick_node` to `drop_node`, both included; driven backwards for the return."""
    capacity: int
    dispatch_after_s: float
    """A carton never waits longer than this for a full load."""
    doors: tuple[DeviceId, ...] = ()
    """On its way: it is sent only while all are open; they are opened for it and closed after."""


@record
class PackLine:
    """Scanner, in-motion scale, then one stop where the label is applied: at most one carton
    between them,
    so the carton last weighed is the one that waits for its label."""

    scanner: DeviceId
    scale: DeviceId
    printer: DeviceId
    pair_within_s: float
    """A weight belongs to the carton read at most this long before it."""
    carton_g: int
    tolerance_percent: float
    tolerance_g: int


@record
class SortLane:
    lane: LaneId
    door: str


@record
class Sorter:
    device: DeviceId
    scanner: DeviceId
    travel_s: float
    """From the tunnel's read to the first blade, less the PLC's own share: a later command is
    useless."""
    read_within_s: float
    """A carton at the induction eye without any frame from the tunnel after this time is a
    no-read."""
    lanes: tuple[SortLane, ...]
    hospital: LaneId
    recirculate: LaneId
    max_loops: int


@record
class MergeLane:
    lane: LaneId
    priority: int
    source: Literal["vehicle", "hospital", "recirculation"]
    door: DeviceId | None = None
    """Its cartons pass it: the lane is held while it is not open."""


@record
class Merge:
    device: DeviceId
    lanes: tuple[MergeLane, ...]


@record
class Hospital:
    station: StationId
    scanner: DeviceId
    printer: DeviceId
    """Reprints and labels of cartons that stand in the hospital come out here."""


@record
class Channel:
    id: ChannelId
    owner: Owner
    on_short: OnShort
    safety_stock: int
    services: dict[str, CarrierId]
    """The shop's shipping method -> our carrier."""


@record
class Carrier:
    id: CarrierId
    lane: LaneId
    """The sort plan: this carrier's cartons go to this lane."""
    ship_on: ShipOn
    cutoffs: tuple[str, ...] = ()
    """Departures of the day, `HH:MM` UTC."""
    cutoff_every_s: float | None = None
    """Or one departure every so many seconds, counted from midnight UTC."""


@record
class Patience:
    """How long a carton may stay away from its next point before it is overdue, and a lamp from
    its answer."""

    to_vehicle_s: float
    to_scale_s: float
    to_tunnel_s: float
    to_divert_s: float
    in_hospital_s: float
    lamp_s: float = 1.5
    trip_s: float = 30.0
    label_s: float = 5.0


@entity()
class Site:
    name: str
    simulated: bool
    zones: tuple[Zone, ...]
    trips: Trips
    merge: Merge
    pack: PackLine
    sorter: Sorter
    hospital: Hospital
    counter: StationId
    """Where count, put-back, pull and search errands are shown."""
    channels: tuple[Channel, ...]
    carriers: tuple[Carrier, ...]
    patience: Patience
    layout: str
    """The layout as JSON text (`routing.layout_from` reads the parsed form)."""
    mode: Mode = "automatic"
    """Of devices for which nobody has set one."""

    @property
    def key(self) -> str:
        return "site"
