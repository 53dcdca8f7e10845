"""Devices of the map that have tags: what each kind makes of them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from devices.map.base import Config, texts
from devices.map.connections import Ranges
from devices.map.points import AnyTag, TagType
from devices.map.shakes import Handshake
from devices.map.units import Millimetres, Seconds, Speed


class AnyDevice(Config):
    connection: str
    area: str = ""
    """Where it stands, for pages and alarms."""
    note: str = ""


class Method(Config):
    """What an OPC UA server lets be called; nodes as those of tags, arguments in their order."""

    object: str
    method: str
    takes: dict[str, TagType] = Field(default={}, alias="in")
    gives: dict[str, TagType] = Field(default={}, alias="out")


class WithTags(AnyDevice):
    unit: Annotated[int, Field(ge=0, le=255)] | None = None
    """On a Modbus line with several; without it the connection's."""
    forbidden: Ranges = ()
    """Never read, besides the connection's."""
    tags: dict[str, AnyTag]
    """By name; those of an included template are called `<as>.<name>`."""
    handshakes: dict[str, Handshake] = Field(default_factory=dict)
    methods: dict[str, Method] = Field(default_factory=dict)


class Io(WithTags):
    """Tags without a function: any PLC, meter or remote input. Read, and written by people."""

    kind: Literal["io"]


class Door(WithTags):
    """A fire door, gate or dock door: passed only while it says that it is open.

    Moved by the handshake `move` (target or toggle), or by `open` and `close` (pulses); without any
    it is only watched.
    """

    kind: Literal["door"]
    open: str
    """The tag of the switch at its open end."""
    closed: str
    """That of the switch at its closed end."""
    blocked: str | None = None
    """True while something is in its way."""
    occupied: str | None = None
    """True while something stands in the passage: it is not closed then."""
    travel_s: Seconds = 30.0
    """From one end to the other; a door that takes longer is stuck."""


class MergeLane(Config):
    full: str
    hold: str
    priority: str
    release: str | None = None
    """A method that is called with the lane's number when the lane has been freed."""


class Merge(WithTags):
    kind: Literal["merge-lift"]
    lanes: Annotated[dict[str, MergeLane], BeforeValidator(texts)] = Field(default_factory=dict)


class SorterLane(Config):
    destination: str
    full: str | None = None
    jam: str | None = None
    recirculate: bool = False
    """The way round: it needs neither `full` nor `jam`."""


class DecisionPoint(Config):
    scanner: str
    distance_mm: Millimetres
    """From the read to the blade."""
    belt_speed: Annotated[Speed | str, Field(union_mode="left_to_right")]
    """A speed, or the tag that tells it."""


class Sorter(WithTags):
    kind: Literal["divert-sorter"]
    lanes: Annotated[dict[str, SorterLane], BeforeValidator(texts)]
    decision_point: DecisionPoint | None = None
