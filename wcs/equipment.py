"""What is remembered of the equipment itself: what people set of it, how its choices compare with
ours, and the last look before a shift."""

from datetime import datetime

from wcs.names import DeviceId, DoorEnd, DoorState, LaneId, Lpn, Mode
from wcs.readylines import ReadyLine
from wcs.records import entity


@entity()
class Setup:
    """What people have set of a device since its map was written."""

    device: DeviceId
    mode: Mode | None = None
    """None: the site's."""
    binding: dict[str, str | int] | None = None
    """What is not as in the map since the unit was replaced."""
    before: dict[str, str | int] | None = None
    """The binding before the last replacement, to undo it; None when there was none."""
    simulated: bool = False

    @property
    def key(self) -> DeviceId:
        return self.device


@entity()
class Compared:
    """How many cartons were compared while a sorter was only observed; the newest overwrite the
    oldest of `Comparison`."""

    sorter: DeviceId
    cartons: int

    @property
    def key(self) -> DeviceId:
        return self.sorter


@entity("sorter")
class Comparison:
    """What we would have chosen for a carton beside where the old system sent it."""

    sorter: DeviceId
    number: int
    place: int
    track: int
    lpn: Lpn | None
    chosen: LaneId | None
    """None: nothing was chosen in time."""
    why: str
    went: LaneId
    result: str
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.sorter}|{self.place:03d}"


@entity()
class PrinterMemory:
    """The label that was last sent to a printer and whose end was told: when the printer too
    remembers it as the last one begun, nothing sent since has reached it."""

    printer: DeviceId
    last: str

    @property
    def key(self) -> DeviceId:
        return self.printer


@entity()
class Door:
    """What a door said last; true only while its device is up."""

    device: DeviceId
    state: DoorState
    asked: DoorEnd | None
    occupied: bool
    since: datetime

    @property
    def key(self) -> DeviceId:
        return self.device


@entity()
class Shift:
    """The last look at everything before a shift."""

    lines: tuple[ReadyLine, ...]
    by: str
    at: datetime

    @property
    def key(self) -> str:
        return "last"
