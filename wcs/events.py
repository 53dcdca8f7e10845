"""What we decided is true: past tense, journaled for ever, told to the hosts. A new meaning
gets a new name.

Fields named `order`, `lpn`, `sku` and `device` are what the life of a carton, an order or an
item is found by.
`why` is the rule's reason, in words for an operator.
"""

from datetime import datetime
from typing import Literal

from wcs.model import BatchOrder
from wcs.names import (
    Account,
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    LocationCode,
    Lpn,
    Mode,
    OrderKey,
    Owner,
    Sku,
    StationId,
)
from wcs.records import record

# --- orders ---------------------------------------------------------------------------------------


@record
class OrderAccepted:
    order: OrderKey
    channel: ChannelId
    number: str
    at: datetime


@record
class OrderHeld:
    order: OrderKey
    why: str
    at: datetime


@record
class OrderAllocated:
    order: OrderKey
    cutoff: datetime
    why: str
    at: datetime


@record
class OrderReleased:
    order: OrderKey
    station: StationId
    length_mm: int
    why: str
    at: datetime


@record
class OrderChanged:
    order: OrderKey
    version: int
    accepted: bool
    why: str
    at: datetime


@record
class OrderCancelled:
    """The final word on a cancellation that we accepted; told to the shop."""

    order: OrderKey
    channel: ChannelId
    number: str
    why: str
    at: datetime


@record
class CancelRefused:
    order: OrderKey
    channel: ChannelId
    number: str
    why: str
    at: datetime


@record
class Parcel:
    lpn: Lpn
    tracking: str
    carrier: CarrierId
    weight_g: int


@record
class ShippedLine:
    line: int
    sku: Sku
    qty: int


@record
class OrderProgressed:
    """A step that the shop is told once and never backwards."""

    order: OrderKey
    channel: ChannelId
    number: str
    status: Literal["acknowledged", "picking", "packed", "shipped"]
    partial: bool = False
    parcels: tuple[Parcel, ...] = ()
    lines: tuple[ShippedLine, ...] = ()
    at: datetime


@record
class TourAsked:
    """More stops than a rule may route by itself: the planner is asked."""

    order: OrderKey
    version: int
    start: str
    end: str
    locations: tuple[LocationCode, ...]
    at: datetime


@record
class BatchAsked:
    """Orders wait for a zone that picks several on one walk: the planner is asked which belong
    together."""

    batch: str
    station: StationId
    capacity: int
    start: str
    end: str
    orders: tuple[BatchOrder, ...]
    at: datetime


@record
class BatchFormed:
    """These orders are picked on one walk."""

    batch: str
    station: StationId
    orders: tuple[OrderKey, ...]
    length_mm: int
    why: str
    at: datetime


# --- stock ----------------------------------------------------------------------------------------


@record
class StockMoved:
    """One movement of the ledger: from somewhere to somewhere, always."""

    owner: Owner
    sku: Sku
    qty: int
    source: Account
    target: Account
    why: str
    order: OrderKey | None = None
    lpn: Lpn | None = None
    by: str | None = None
    at: datetime


@record
class StockLevel:
    """New absolute levels of one item; newest wins at every host. `available` is what the
    channels may sell:
    on hand in sellable places less allocated, in count and safety stock."""

    owner: Owner
    sku: Sku
    on_hand: int
    available: int
    at: datetime


@record
class CountAsked:
    location: LocationCode
    sku: Sku
    why: str
    at: datetime


@record
class CountBooked:
    location: LocationCode
    owner: Owner
    sku: Sku
    expected: int
    counted: int
    by: str
    why: str
    at: datetime


# --- picking --------------------------------------------------------------------------------------


@record
class CartonBound:
    lpn: Lpn
    order: OrderKey
    station: StationId
    by: str | None
    at: datetime


@record
class LinePicked:
    order: OrderKey
    lpn: Lpn
    location: LocationCode
    sku: Sku
    qty: int
    by: str | None
    at: datetime


@record
class ShortPicked:
    order: OrderKey
    lpn: Lpn
    location: LocationCode
    sku: Sku
    wanted: int
    picked: int
    why: str
    at: datetime


@record
class WrongPress:
    device: DeviceId
    light: str
    why: str
    at: datetime


@record
class CartonPicked:
    lpn: Lpn
    order: OrderKey
    expected_g: int
    at: datetime


# --- the way of a carton --------------------------------------------------------------------------


@record
class TripSent:
    trip: str
    device: DeviceId
    lpns: tuple[Lpn, ...]
    why: str
    at: datetime


@record
class TripEnded:
    trip: str
    device: DeviceId
    lpns: tuple[Lpn, ...]
    why: str
    at: datetime


@record
class CartonMoved:
    """Seen at a new place."""

    lpn: Lpn
    order: OrderKey
    place: str
    why: str
    at: datetime


@record
class CartonWeighed:
    lpn: Lpn
    order: OrderKey
    expected_g: int
    measured_g: int
    ok: bool
    why: str
    at: datetime


@record
class LabelRequested:
    """The carrier is asked for a tracking number and a label: one per carton, whatever is
    repeated."""

    lpn: Lpn
    order: OrderKey
    carrier: CarrierId
    service: str
    weight_g: int
    customer: str | None
    at: datetime


@record
class LabelReceived:
    lpn: Lpn
    order: OrderKey
    carrier: CarrierId
    tracking: str
    at: datetime


@record
class LabelDoubled:
    """A second tracking number for a carton that has one: not used, to be cancelled at the
    carrier."""

    lpn: Lpn
    order: OrderKey
    carrier: CarrierId
    tracking: str
    kept: str
    at: datetime


@record
class LabelReprinted:
    lpn: Lpn
    tracking: str
    by: str
    at: datetime


@record
class LabelHeld:
    """Nobody knows whether it came out: it is not printed again before somebody says so."""

    lpn: Lpn
    device: DeviceId
    why: str
    at: datetime


@record
class LabelSettled:
    """A label that was held is accounted for."""

    lpn: Lpn
    device: DeviceId
    there: bool
    why: str
    at: datetime


@record
class LabelStuck:
    lpn: Lpn
    device: DeviceId
    why: str
    at: datetime


@record
class CartonRouted:
    lpn: Lpn | None
    order: OrderKey | None
    device: DeviceId
    track: int
    lane: LaneId
    why: str
    before: datetime
    """The last moment at which the command is of use; less the answer's time it is what was
    left of the window."""
    at: datetime


@record
class DivertRefused:
    lpn: Lpn | None
    device: DeviceId
    track: int
    why: str
    at: datetime


@record
class CartonRecirculated:
    lpn: Lpn
    order: OrderKey
    loops: int
    why: str
    at: datetime


@record
class CartonSorted:
    lpn: Lpn
    order: OrderKey
    lane: LaneId
    load: str
    at: datetime


@record
class CartonToHospital:
    lpn: Lpn
    order: OrderKey
    why: str
    remedy: str
    at: datetime


@record
class UnknownInHospital:
    """Something without a plate we know lies in the hospital lane."""

    device: DeviceId
    track: int
    why: str
    at: datetime


@record
class HospitalEnded:
    lpn: Lpn
    order: OrderKey
    remedy: str
    by: str
    at: datetime


@record
class CartonPutBack:
    lpn: Lpn
    order: OrderKey
    sku: Sku
    location: LocationCode
    qty: int
    by: str
    at: datetime


@record
class CartonOverdue:
    lpn: Lpn
    order: OrderKey
    place: str
    next: str
    at: datetime


@record
class CartonDeclaredLost:
    lpn: Lpn
    order: OrderKey
    by: str
    at: datetime


@record
class LoadOpened:
    load: str
    lane: LaneId
    carrier: CarrierId
    cutoff: datetime
    at: datetime


@record
class LoadClosed:
    load: str
    lane: LaneId
    carrier: CarrierId
    cartons: int
    by: str
    at: datetime


@record
class OrderShipped:
    """Told to the ERP as the shipment; the shop hears `OrderProgressed`."""

    order: OrderKey
    channel: ChannelId
    number: str
    owner: Owner
    load: str
    partial: bool
    parcels: tuple[Parcel, ...]
    lines: tuple[ShippedLine, ...]
    at: datetime


# --- devices and people ---------------------------------------------------------------------------


@record
class LampFailing:
    device: DeviceId
    light: LightId
    trouble: Literal["timed_out", "no_answer", "stuck"]
    why: str
    at: datetime


@record
class LampWell:
    device: DeviceId
    light: LightId
    why: str
    at: datetime


@record
class DeviceChanged:
    device: DeviceId
    up: bool
    why: str
    at: datetime


@record
class DeviceModeChanged:
    device: DeviceId
    before: Mode
    mode: Mode
    by: str
    at: datetime


@record
class DeviceBound:
    """Another unit in the old place: what is bound is no longer as in the map."""

    device: DeviceId
    before: dict[str, str | int]
    binding: dict[str, str | int]
    found: str
    by: str
    at: datetime


@record
class DeviceSimulationChanged:
    device: DeviceId
    on: bool
    why: str
    by: str
    at: datetime


@record
class ShiftChecked:
    good: int
    bad: int
    skipped: int
    why: str
    by: str
    at: datetime


@record
class ErrandAsked:
    key: str
    station: StationId
    kind: str
    subject: str
    text: str
    at: datetime


@record
class ErrandEnded:
    key: str
    by: str
    at: datetime


@record
class SiteAdopted:
    name: str
    by: str
    at: datetime


Event = (
    OrderAccepted
    | OrderHeld
    | OrderAllocated
    | OrderReleased
    | OrderChanged
    | OrderCancelled
    | CancelRefused
    | OrderProgressed
    | TourAsked
    | BatchAsked
    | BatchFormed
    | StockMoved
    | StockLevel
    | CountAsked
    | CountBooked
    | CartonBound
    | LinePicked
    | ShortPicked
    | WrongPress
    | CartonPicked
    | TripSent
    | TripEnded
    | CartonMoved
    | CartonWeighed
    | LabelRequested
    | LabelReceived
    | LabelDoubled
    | LabelReprinted
    | LabelHeld
    | LabelSettled
    | LabelStuck
    | CartonRouted
    | DivertRefused
    | CartonRecirculated
    | CartonSorted
    | CartonToHospital
    | UnknownInHospital
    | HospitalEnded
    | CartonPutBack
    | CartonOverdue
    | CartonDeclaredLost
    | LoadOpened
    | LoadClosed
    | OrderShipped
    | LampFailing
    | LampWell
    | DeviceChanged
    | DeviceModeChanged
    | DeviceBound
    | DeviceSimulationChanged
    | ShiftChecked
    | ErrandAsked
    | ErrandEnded
    | SiteAdopted
)
