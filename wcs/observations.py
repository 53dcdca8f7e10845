"""What devices, people, hosts, timers and the planner claim happened: past tense, perhaps late,
doubled or wrong.

`at` is the gateway clock's UTC when the claim was complete; `by` names the person or device
token that acted.
"""

from datetime import datetime
from typing import Literal

from wcs.marks import Mark
from wcs.names import (
    Barcode,
    CarrierId,
    ChannelId,
    DeviceId,
    DoorEnd,
    DoorState,
    LaneId,
    LightId,
    LocationCode,
    Lpn,
    Mode,
    OrderKey,
    Owner,
    Sku,
    TaskId,
)
from wcs.readylines import ReadyLine
from wcs.records import record
from wcs.site import Site

# --- any device -----------------------------------------------------------------------------------


@record
class DeviceUp:
    device: DeviceId
    has: tuple[str, ...] = ()
    """What the device shows already, as `slot=task` (lit lamps, the running trip, the last
    label)."""
    at: datetime


@record
class DeviceDown:
    device: DeviceId
    reason: str
    at: datetime


@record
class CommandFailed:
    """The command was too late, the device was away, or it said no. Nothing was done, as far as
    we know."""

    device: DeviceId
    command: str
    """Id of the command: `sequence-ordinal`."""
    what: str
    """Kind and subject for a person: `Divert 4711 to lane 2`."""
    reason: str
    at: datetime


# --- scanners, scale, printer ---------------------------------------------------------------------


@record
class Scanned:
    """One gate or one trigger pull. No codes: a no-read, something passed and nothing was
    legible."""

    scanner: DeviceId
    codes: tuple[Barcode, ...]
    trigger: int | None = None
    """The PLC's track number where the tunnel is triggered by it."""
    marks: tuple[Mark, ...] = ()
    """What the codes say beside their keys, where the map has them read as GS1."""
    conflict: tuple[Barcode, ...] = ()
    """Plates that cannot all be on one carton: none of them is believed, `codes` are empty."""
    by: str | None = None
    at: datetime


@record
class Weighed:
    scale: DeviceId
    grams: int
    at: datetime


@record
class WeighingFailed:
    """Something was on the scale, and its weight is not known."""

    scale: DeviceId
    reason: str
    at: datetime


@record
class ScaleChanged:
    scale: DeviceId
    ready: bool
    reason: str
    at: datetime


@record
class LabelPrinted:
    printer: DeviceId
    lpn: Lpn
    """Empty when the printer remembers no more than the name."""
    name: str = ""
    at: datetime


@record
class LabelInDoubt:
    """Its bytes were sent; whether it came out not even the printer can say."""

    printer: DeviceId
    lpn: Lpn
    name: str
    reason: str
    at: datetime


@record
class PrinterChanged:
    printer: DeviceId
    ready: bool
    reason: str
    at: datetime


# --- sorter and merge -----------------------------------------------------------------------------


@record
class Inducted:
    """The induction eye saw a carton and the PLC gave it a track number."""

    sorter: DeviceId
    track: int
    length_mm: int
    at: datetime


@record
class DivertAnswered:
    sorter: DeviceId
    track: int
    command: str
    code: Literal["accepted", "bad_lane", "unknown_track", "too_late", "stopped", "duplicate"]
    at: datetime


@record
class DivertConfirmed:
    sorter: DeviceId
    track: int
    lane: LaneId
    result: Literal["diverted", "lane_full", "jam", "no_decision", "recirculated"]
    at: datetime


@record
class LaneChanged:
    sorter: DeviceId
    lane: LaneId
    full: bool
    jam: bool
    at: datetime


@record
class MergeChanged:
    merge: DeviceId
    running: bool
    jam: bool
    full: tuple[LaneId, ...]
    at: datetime


@record
class DoorChanged:
    door: DeviceId
    state: DoorState
    asked: DoorEnd | None
    """What it is told to do, as far as it shows that: None where it shows nothing."""
    occupied: bool
    """Something stands in the passage, or nobody can see whether."""
    reason: str
    """Why it is neither open, closed nor on its way, for a person."""
    at: datetime


# --- lights and vehicle ---------------------------------------------------------------------------


@record
class LightPressed:
    zone: DeviceId
    light: LightId
    task: TaskId | None
    """The task the light showed when it was pressed; None when it was dark."""
    button: Literal["confirm", "short"]
    qty: int
    at: datetime


@record
class LampAnswered:
    zone: DeviceId
    light: LightId
    task: TaskId | None
    """What the lamp shows now; None is dark."""
    stuck: bool = False
    """Its key is held down: nobody can be heard by it."""
    at: datetime


@record
class LampFailed:
    """A lamp of a zone that is up did not do as it was told."""

    zone: DeviceId
    light: LightId
    outcome: Literal["timed_out", "no_answer"]
    """It was told and has said nothing: nobody knows what it shows. Or its module is not there:
    nothing was done."""
    task: TaskId | None
    at: datetime


@record
class TripProgressed:
    """A VDA 5050 action of our order ended, or the order was rejected."""

    vehicle: DeviceId
    trip: str
    step: Literal["picked", "dropped", "rejected", "failed"]
    lpns: tuple[Lpn, ...] = ()
    """What the vehicle says it carried, where it says so."""
    text: str = ""
    at: datetime


@record
class VehicleChanged:
    vehicle: DeviceId
    ready: bool
    reason: str
    node: str | None
    at: datetime


# --- people ---------------------------------------------------------------------------------------


@record
class PickReported:
    """The same as a press, from `/work`: the light may be dead."""

    task: TaskId
    button: Literal["confirm", "short"]
    qty: int
    by: str
    at: datetime


@record
class HospitalSolved:
    """A person ends a carton's stay in the hospital lane and puts it back on the belt, or says
    why not yet."""

    lpn: Lpn
    remedy: Literal["reprint", "relabel", "accept_weight", "reinduct", "emptied"]
    by: str
    at: datetime


@record
class ReprintAsked:
    lpn: Lpn
    by: str
    at: datetime


@record
class LabelJudged:
    """A person has looked for a label that is held: it is there, or it is to be printed again."""

    lpn: Lpn
    there: bool
    by: str
    at: datetime


@record
class Rebound:
    """The plate was unreadable: the carton goes on under a new one."""

    lpn: Lpn
    new: Lpn
    by: str
    at: datetime


@record
class PutBack:
    lpn: Lpn
    sku: Sku
    location: LocationCode
    qty: int
    by: str
    at: datetime


@record
class Counted:
    location: LocationCode
    sku: Sku
    qty: int
    by: str
    at: datetime


@record
class CartonPulled:
    """Taken out of its lane by hand and carried to the hospital."""

    lpn: Lpn
    by: str
    at: datetime


@record
class CartonFound:
    """An overdue carton was found and put on the hospital's infeed."""

    lpn: Lpn
    by: str
    at: datetime


@record
class CartonLost:
    lpn: Lpn
    by: str
    at: datetime


@record
class ShortAnswered:
    """Answer of a person to `on_short: ask`."""

    order: OrderKey
    decision: Literal["ship_partial", "hold", "cancel_line"]
    by: str
    at: datetime


@record
class DoorAsked:
    """`to` None: it is nobody's wish any more, and goes where the site keeps it."""

    device: DeviceId
    to: DoorEnd | None
    by: str
    at: datetime


@record
class LoadCloseAsked:
    lane: LaneId
    by: str
    at: datetime


@record
class ItemDefined:
    """One row of the item file."""

    sku: Sku
    owner: Owner
    name: str
    barcodes: tuple[Barcode, ...]
    weight_g: int
    case_size: int
    by: str
    at: datetime


@record
class StockOpened:
    """One row of the opening stock file: sets the shelf once; a second time is refused."""

    location: LocationCode
    owner: Owner
    sku: Sku
    qty: int
    by: str
    at: datetime


@record
class DeviceModeSet:
    device: DeviceId
    mode: Mode
    by: str
    at: datetime


@record
class DeviceReplaced:
    """Another unit stands in the old place and has answered there."""

    device: DeviceId
    binding: dict[str, str | int]
    """What is no longer as in the map: `host`, `port`, `serial` ...; empty: all as in the map."""
    found: str
    """What it said when it was tried."""
    by: str
    at: datetime


@record
class DeviceSimulated:
    """Its simulator answers in its place from now on, or no longer."""

    device: DeviceId
    on: bool
    by: str
    at: datetime


@record
class TagWritten:
    """A person writes one value of a device by hand: `asked` is kept before the bytes leave, what
    became of it is one more."""

    device: DeviceId
    tag: str
    value: str
    outcome: Literal["asked", "written", "differs", "refused", "unknown"]
    """`differs`: it reads back as something else. `unknown`: no reply, perhaps carried out."""
    reason: str
    before: str = ""
    """What it was, as far as is known."""
    by: str
    at: datetime


@record
class WriteRefused:
    """A write of ours that was not sent, because it must not or cannot be: once a minute, however
    often it is tried."""

    device: DeviceId
    what: str
    reason: str
    by: str
    at: datetime


@record
class ConditionAcknowledged:
    """A person says that they have seen an alarm of a device: `asked` is kept before it is told to
    the device."""

    device: DeviceId
    tag: str
    comment: str
    outcome: Literal["asked", "acknowledged", "refused", "unknown"]
    reason: str
    by: str
    at: datetime


@record
class MethodCalled:
    """A person lets a device do something: `asked` is kept before the call leaves."""

    device: DeviceId
    method: str
    given: str
    """Its arguments as JSON."""
    outcome: Literal["asked", "done", "refused", "unknown"]
    """`unknown`: no reply, perhaps carried out."""
    gave: str
    """Its results as JSON."""
    reason: str
    by: str
    at: datetime


@record
class ReadyChecked:
    lines: tuple[ReadyLine, ...]
    by: str
    at: datetime


@record
class SiteChanged:
    site: Site
    by: str
    at: datetime


# --- hosts ----------------------------------------------------------------------------------------


@record
class WantedLine:
    line: int
    sku: Sku
    qty: int


@record
class OrderPlaced:
    """New, or a newer version of one that we know (paid meanwhile, lines changed)."""

    channel: ChannelId
    number: str
    version: int
    lines: tuple[WantedLine, ...]
    service: str
    paid: bool
    customer: str | None = None
    """Key of the name and address kept beside the journal."""
    placed_at: datetime
    at: datetime


@record
class OrderCancelAsked:
    channel: ChannelId
    number: str
    version: int
    at: datetime


@record
class LabelIssued:
    lpn: Lpn
    carrier: CarrierId
    tracking: str
    zpl: str
    at: datetime


@record
class LabelRefused:
    lpn: Lpn
    carrier: CarrierId
    reason: str
    at: datetime


# --- planner and timers ---------------------------------------------------------------------------


@record
class TourPlanned:
    """Answer to `TourAsked`: the locations of an order in walking order."""

    order: OrderKey
    version: int
    """State version of the order it was computed on; an older one is refused as stale."""
    locations: tuple[LocationCode, ...]
    length_mm: int
    optimal: bool
    at: datetime


@record
class BatchPlanned:
    """Answer to `BatchAsked`: its orders in batches, and each batch's locations in walking order.

    `batch` names the state that it was computed on: the orders as they were asked about."""

    batch: str
    orders: tuple[tuple[OrderKey, ...], ...]
    walks: tuple[tuple[LocationCode, ...], ...]
    lengths_mm: tuple[int, ...]
    optimal: bool
    at: datetime


@record
class Due:
    """A timer set by `Tx.wake` fired. `key` is `kind:subject`."""

    key: str
    at: datetime


FloorObservation = (
    DeviceUp
    | DeviceDown
    | CommandFailed
    | Scanned
    | Weighed
    | WeighingFailed
    | ScaleChanged
    | LabelPrinted
    | LabelInDoubt
    | PrinterChanged
    | Inducted
    | DivertAnswered
    | DivertConfirmed
    | LaneChanged
    | MergeChanged
    | DoorChanged
    | LightPressed
    | LampAnswered
    | LampFailed
    | TripProgressed
    | VehicleChanged
    | PickReported
    | HospitalSolved
    | ReprintAsked
    | LabelJudged
    | Rebound
    | PutBack
    | Counted
    | CartonPulled
    | CartonFound
    | CartonLost
    | ShortAnswered
    | DoorAsked
    | LoadCloseAsked
    | DeviceModeSet
    | DeviceReplaced
    | DeviceSimulated
    | TagWritten
    | WriteRefused
    | ConditionAcknowledged
    | MethodCalled
    | ReadyChecked
    | Due
)
HostObservation = (
    OrderPlaced
    | OrderCancelAsked
    | LabelIssued
    | LabelRefused
    | ItemDefined
    | StockOpened
    | SiteChanged
    | TourPlanned
    | BatchPlanned
)
Observation = FloorObservation | HostObservation
