"""What the warehouse remembers: frozen rows, replaced whole by `Tx.save`."""

from datetime import datetime
from typing import Literal

from wcs.names import (
    Account,
    Barcode,
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    LocationCode,
    Lpn,
    OrderKey,
    Owner,
    Sku,
    StationId,
    TaskId,
)
from wcs.records import entity, record


@entity()
class Item:
    owner: Owner
    sku: Sku
    name: str
    barcodes: tuple[Barcode, ...]
    weight_g: int
    case_size: int

    @property
    def key(self) -> str:
        return f"{self.owner}|{self.sku}"


@entity("stock", "account")
class Balance:
    """One account's pieces of one item: a side of the double-entry ledger, and what is promised
    of it."""

    account: Account
    owner: Owner
    sku: Sku
    qty: int
    allocated: int = 0
    in_count: bool = False
    """A shelf that came up short: what nobody was promised is not for sale until it is counted."""
    opened: int | None = None
    """What the opening stock file said of a shelf."""

    @property
    def stock(self) -> str:
        return f"{self.owner}|{self.sku}"

    @property
    def key(self) -> str:
        return f"{self.account}|{self.owner}|{self.sku}"


@entity()
class StockTotal:
    """One item over all its shelves, so that a level is read and not summed."""

    owner: Owner
    sku: Sku
    on_hand: int = 0
    allocated: int = 0
    in_count: int = 0
    """Unpromised pieces on shelves that wait for their count."""
    shelves: tuple[LocationCode, ...] = ()
    """Where there is some, or a promise of some, in order."""
    told: tuple[int, int] | None = None
    """On hand and available as the hosts last heard."""

    @property
    def key(self) -> str:
        return f"{self.owner}|{self.sku}"


@record
class OrderLine:
    line: int
    sku: Sku
    qty: int
    picked: int = 0
    cancelled: int = 0


@record
class Promise:
    """Pieces of one line promised from one location."""

    line: int
    sku: Sku
    location: LocationCode
    qty: int


OrderState = Literal[
    "held", "waiting", "picking", "packed", "sorted", "shipped", "cancelling", "cancelled"
]


@entity("state")
class Order:
    """`waiting`: allocated, to be released. `cancelling`: stopped on the floor, its goods not
    yet put back."""

    channel: ChannelId
    number: str
    owner: Owner
    version: int
    lines: tuple[OrderLine, ...]
    promises: tuple[Promise, ...] = ()
    service: str
    carrier: CarrierId | None
    paid: bool
    customer: str | None
    state: OrderState
    reason: str = ""
    received_at: datetime
    cutoff: datetime | None = None
    lpn: Lpn | None = None
    tracking: str | None = None
    refused_version: int = 0
    """The newest change or cancellation that came too late: asked again, it gets the same no."""
    told: int = 0
    """How far the shop knows: 0 nothing, 1 acknowledged, 2 picking, 3 packed, 4 shipped, 5
    cancelled."""

    @property
    def key(self) -> OrderKey:
        return OrderKey(f"{self.channel}:{self.number}")


@entity("station")
class Waiting:
    """The release queue of a zone, ordered by its key: carrier cut-off, then age."""

    key: str
    order: OrderKey
    station: StationId
    walk: tuple[LocationCode, ...] = ()
    """Locations in walking order where the planner has said so; else the release routes them."""
    length_mm: int = 0


@record
class BatchOrder:
    """One order of a batch as it was when the planner was asked."""

    order: OrderKey
    version: int
    locations: tuple[LocationCode, ...]


@entity("station")
class Batch:
    """Orders that share one walk; a zone has one at most. While it is `asked` for, `orders` are all
    that may come into it; from `picking` on those that did."""

    key: str
    station: StationId
    orders: tuple[BatchOrder, ...]
    state: Literal["asked", "picking"] = "asked"
    walk: tuple[LocationCode, ...] = ()


@entity("stock", "order")
class HeldFor:
    """An order that waits for an item to be known or to be there; ordered by age."""

    stock: str
    """`owner|sku`."""
    order: OrderKey
    since: datetime

    @property
    def key(self) -> str:
        return f"{self.stock}|{self.since:%Y%m%dT%H%M%S%f}|{self.order}"


@record
class Step:
    task: TaskId
    location: LocationCode
    light: LightId
    line: int
    sku: Sku
    qty: int
    picked: int = 0
    state: Literal["open", "confirmed", "short"] = "open"


@entity("station", "state", "order")
class Pick:
    """One order picked into one carton: first the plate is bound, then the steps in walking
    order."""

    key: TaskId
    order: OrderKey
    station: StationId
    steps: tuple[Step, ...]
    length_mm: int
    why: str
    state: Literal["carton", "picking", "done", "cancelled"]
    lpn: Lpn | None = None
    started_at: datetime
    batch: str = ""
    """Of the orders picked on the same walk; empty for an order alone."""


CartonState = Literal[
    "picking", "picked", "riding", "moving", "hospital", "sorted", "shipped", "lost", "emptied"
]


@entity("order", "state", "load")
class Carton:
    """`riding` on the vehicle, `moving` on the conveyor. A plate in `shipped`, `lost` or
    `emptied` is free again."""

    lpn: Lpn
    order: OrderKey
    state: CartonState
    place: str
    """Where it was last seen: a station, device or lane, in words."""
    next: str | None = None
    """Where it is expected; None when nobody waits for it."""
    seen_at: datetime
    expected_g: int = 0
    measured_g: int | None = None
    weight_ok: bool = False
    tracking: str | None = None
    carrier: CarrierId | None = None
    """Who issued `tracking`: the sort plan is read by it."""
    label_asked: bool = False
    """The carrier was asked for a label; asked once, whatever is repeated."""
    label_ok: bool = False
    """The tunnel read our own tracking number on it."""
    track: int | None = None
    lane: LaneId | None = None
    load: str | None = None
    loops: int = 0
    fault: str | None = None
    """Why it must go, or went, to the hospital lane."""
    remedy: str | None = None
    solved: str | None = None
    """What a person did about it: it leaves the hospital when its label has come out."""
    solved_by: str | None = None
    cancelled: bool = False
    rebound_to: Lpn | None = None
    """The plate under which it went on."""
    overdue: bool = False
    """Not seen at `next` in time: somebody searches for it."""

    @property
    def key(self) -> Lpn:
        return self.lpn


@entity()
class Label:
    lpn: Lpn
    carrier: CarrierId
    tracking: str
    zpl: str
    prints: int = 0
    doubt: str = ""
    """Name of a copy that may have come out; empty when every copy is accounted for."""

    @property
    def key(self) -> Lpn:
        return self.lpn


@entity()
class PackStation:
    """The carton last read in front of the scale."""

    scanner: DeviceId
    lpn: Lpn | None
    at: datetime
    why: str = ""
    """Why no carton is known there."""
    grams: int | None = None
    """What the scale said in this pass."""

    @property
    def key(self) -> DeviceId:
        return self.scanner


@entity()
class Track:
    """A carton between the induction eye and its lane, under the PLC's number."""

    sorter: DeviceId
    track: int
    lpn: Lpn | None
    lane: LaneId
    why: str
    at: datetime
    remedy: str | None = None
    """What a person can do where `lane` is the hospital."""
    state: Literal["inducted", "routed", "ended"] = "routed"
    """`inducted`: no frame from the tunnel yet. `ended`: confirmed in `lane`."""

    @property
    def key(self) -> str:
        return f"{self.sorter}|{self.track}"


@entity("state")
class Trip:
    key: str
    vehicle: DeviceId
    lpns: tuple[Lpn, ...]
    state: Literal["sent", "carrying", "done", "failed"]
    sent_at: datetime
    attempt: int = 1
    """Trips in a row for these cartons, the failed ones included."""


@entity()
class Lane:
    sorter: DeviceId
    lane: LaneId
    full: bool = False
    jam: bool = False
    load: str | None = None

    @property
    def key(self) -> str:
        return f"{self.sorter}|{self.lane}"


@entity("state")
class Load:
    key: str
    lane: LaneId
    carrier: CarrierId
    cutoff: datetime
    state: Literal["open", "closed"]
    cartons: int = 0


@entity()
class Device:
    id: DeviceId
    up: bool
    reason: str
    since: datetime
    ready: bool = True
    """Up, but of no use: a printer without paper, a vehicle that is paused."""

    @property
    def key(self) -> DeviceId:
        return self.id


@entity("station", "kind", "subject")
class Errand:
    """Something that only a person can end, shown at their station until it is done."""

    key: str
    station: StationId
    kind: Literal[
        "hospital",
        "count",
        "put_back",
        "pull",
        "search",
        "ask_short",
        "printer",
        "label",
        "scale",
        "vehicle",
        "door",
        "lamp",
    ]
    subject: str
    """LPN, location or order."""
    text: str
    remedy: str
    sku: Sku | None = None
    location: LocationCode | None = None
    qty: int = 0
    asked_at: datetime
