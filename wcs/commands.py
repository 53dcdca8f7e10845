"""What we ask a device to do now. A command perishes at `before`; what must outlive it is a
wanted state."""

from datetime import datetime

from wcs.names import DeviceId, DoorEnd, LaneId, LightId, Lpn, TaskId
from wcs.records import entity, record


@record
class Divert:
    device: DeviceId
    track: int
    lane: LaneId
    lpn: Lpn | None
    before: datetime


@record
class SetLight:
    """`task` None turns the light off."""

    device: DeviceId
    light: LightId
    task: TaskId | None
    colour: str = ""
    qty: int = 0
    text: str = ""
    flash: bool = False
    before: datetime


@record
class SetMergeLane:
    device: DeviceId
    lane: LaneId
    held: bool
    priority: int
    before: datetime


@record
class MoveDoor:
    device: DeviceId
    to: DoorEnd
    before: datetime


@record
class PrintLabel:
    device: DeviceId
    lpn: Lpn
    zpl: str
    name: str = ""
    """What the printer remembers it by, another for each copy that is wanted; empty: the plate."""
    before: datetime


@record
class SendTrip:
    """Drive to the pick node, take `lpns`, drive to the drop node, drop, return. One VDA 5050
    order."""

    device: DeviceId
    trip: str
    lpns: tuple[Lpn, ...]
    way: tuple[str, ...]
    nodes: dict[str, tuple[float, float, float]]
    map_id: str
    before: datetime


Command = Divert | SetLight | SetMergeLane | MoveDoor | PrintLabel | SendTrip


# Wanted states: rows that rules re-assert with a fresh command until they are removed.


@entity("device")
class LightWanted:
    device: DeviceId
    light: LightId
    task: TaskId
    colour: str
    qty: int
    text: str = ""
    flash: bool = False
    answered: bool = False
    """The lamp said that it shows this task."""

    @property
    def key(self) -> str:
        return f"{self.device}|{self.light}"


@entity("device")
class MergeLaneWanted:
    device: DeviceId
    lane: LaneId
    held: bool
    priority: int

    @property
    def key(self) -> str:
        return f"{self.device}|{self.lane}"


@entity("device")
class DoorWanted:
    device: DeviceId
    to: DoorEnd
    errand: bool = False
    """For a trip, and over with it; else somebody asked for it."""

    @property
    def key(self) -> DeviceId:
        return self.device


@entity("device")
class LabelWanted:
    device: DeviceId
    lpn: Lpn
    zpl: str
    copies_asked: int = 0
    name: str = ""
    command: str = ""
    """Id of the command that asks for it; empty when that failed."""
    doubt: str = ""
    """Why nobody knows whether it came out: it is held, and asked for no more."""

    @property
    def key(self) -> str:
        return self.lpn


@entity("device")
class TripWanted:
    device: DeviceId
    trip: str
    lpns: tuple[Lpn, ...]

    @property
    def key(self) -> str:
        return self.trip


WantedState = LightWanted | MergeLaneWanted | DoorWanted | LabelWanted | TripWanted
