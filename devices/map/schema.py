"""The device map as checked models: connections by type, devices by kind, tags at addresses.

An attribute names its unit (`timeout_s`, `distance_mm`, `belt_speed_m_s`); the key in the file
does not (`timeout: 150ms`). Names are resolved: tags of templates, poll classes, word orders.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, Strict, model_validator

from devices.map.base import Config, Names, Numbers
from devices.map.connections import (
    Connection,
    Hid,
    Modbus,
    ModbusRtu,
    ModbusRtuTcp,
    ModbusTcp,
    Mqtt,
    OpcUa,
    Secret,
    Serial,
    TcpClient,
    TcpServer,
)
from devices.map.lights import Light, LightTopics, PickIq, by_name
from devices.map.points import AnyTag, NodeTag, RegisterTag
from devices.map.shakes import (
    CommandShake,
    EventShake,
    Handshake,
    Heartbeat,
    PulseShake,
    TargetShake,
    ToggleShake,
)
from devices.map.tagged import AnyDevice, Door, Io, Merge, Method, Sorter
from devices.map.units import (
    At,
    Grams,
    Millimetres,
    Offset,
    Percent,
    Poll,
    Radians,
    Seconds,
    Shift,
    Times,
)

__all__ = [
    "AnyTag",
    "At",
    "CommandShake",
    "Connection",
    "Device",
    "DeviceMap",
    "Door",
    "EventShake",
    "Fleet",
    "Handshake",
    "Heartbeat",
    "Hid",
    "Io",
    "LightTopics",
    "LightZone",
    "Merge",
    "Method",
    "Modbus",
    "ModbusRtu",
    "ModbusRtuTcp",
    "ModbusTcp",
    "Mqtt",
    "NodeTag",
    "OpcUa",
    "PickIq",
    "Poll",
    "Printer",
    "PulseShake",
    "RegisterTag",
    "Scale",
    "Scanner",
    "Secret",
    "Serial",
    "Sorter",
    "TargetShake",
    "TcpClient",
    "TcpServer",
    "ToggleShake",
]


class Framing(Config):
    start: str = ""
    """Bytes as escapes: `"\\x02"`."""
    end: str = ""
    packets: Literal["zebra-ssi"] | None = None
    """Packets with a checksum and a receipt, instead of text up to its `end`."""
    separator: str | None = None
    max_length: Annotated[int, Field(ge=1, le=4096)] = 512
    idle_flush_s: Seconds | None = None
    """After so much silence in the middle of a frame what came of it is noise."""

    @model_validator(mode="after")
    def _ends_somehow(self) -> "Framing":
        if bool(self.end) == (self.packets is not None):
            raise ValueError("needs either `end` or `packets`")
        if any(ord(one) > 0xFF for one in self.start + self.end):
            raise ValueError("`start` and `end` are bytes: at most \\xff")
        return self


class LineBeat(Config):
    match: str
    every_s: Seconds
    lost_after_s: Seconds


class Feedback(Config):
    style: Literal["datalogic-escape", "honeywell", "zebra-ssi", "none"] = "none"


def _encoding(name: str) -> str:
    """One that Python knows and in which ASCII is as it is: frames are cut before they are read."""
    ascii = bytes(range(128))
    try:
        same = ascii.decode(name) == ascii.decode("ascii")
    except (LookupError, UnicodeError):
        same = False
    if not same:
        raise ValueError(f"{name!r} is no encoding of codes: utf-8, latin-1, cp1252, shift_jis...")
    return name


class Payload(Config):
    parse: Literal["plain", "gs1", "auto"] | None = None
    """How a code is read; by default `auto` where the identifier is required, else `plain`."""
    aim_identifier: Literal["required", "optional", "none"] = "optional"
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    """Of what is not ASCII in a code; the marks of a frame always are."""
    gs: str = "\x1d"


def _pattern(form: str) -> str:
    try:
        re.compile(form)
    except re.error as err:
        raise ValueError(f"{form!r} is no pattern: {err}") from None
    return form


class MultiRead(Config):
    """Several codes on one carton."""

    keep: Literal["all", "first"] = "all"
    conflict: Literal["no_read", "keep"] = "no_read"
    """Two different plates on one carton are believed neither, or left to the rules."""
    plate: Annotated[str, AfterValidator(_pattern)] | None = None
    """The form of a plate, like `L\\d{8}`; without it an SSCC."""


class Associate(Config):
    """Which reads are of one carton: those within the `window` of the moment when the eye of
    `device` numbers it, or, without a device, of the first frame with its number, or of the first
    frame."""

    device: str | None = None
    event: str | None = None
    """The handshake that numbers cartons."""
    window: Annotated[tuple[Offset, Offset], Strict(False)] | None = None
    encoder: str | None = None
    """The tag of `device` that says how far the belt has moved, in mm: then `along`, in place of a
    time."""
    along_mm: Annotated[tuple[Shift, Shift], Strict(False)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Associate":
        if (self.device is None) != (self.event is None):
            raise ValueError("`device` and `event` belong together")
        if (self.window is None) == (self.along_mm is None):
            raise ValueError("needs either `window` or `along`")
        if (self.encoder is None) != (self.along_mm is None) or (self.encoder and not self.device):
            raise ValueError("`encoder` and `along` belong together, and to a `device`")
        before, after = self.span
        if before >= after or after <= 0:
            key = "window" if self.along_mm is None else "along"
            raise ValueError(f"`{key}` ends after it begins, and after the moment itself")
        return self

    @property
    def span(self) -> tuple[float, float]:
        """Before and after the moment: seconds, or millimetres of belt."""
        return self.along_mm or self.window or (0.0, 0.0)

    @property
    def latest(self) -> float:
        """So long (s or mm) after the moment the last word on a carton is spoken: a read at the end
        of its span may still be of the next one, if an eye numbers them."""
        before, after = self.span
        return after + (max(-before, 0.0) if self.device is not None else 0.0)


class Scanner(AnyDevice):
    kind: Literal["scanner"]
    framing: Framing
    fields: Names = ("codes",)
    """What a frame holds, in order; `codes` takes the rest."""
    no_read: Names = ()
    """What it sends when nothing was legible."""
    heartbeat: LineBeat | None = None
    dedupe_s: Seconds = 0.0
    """The same code within so long is a bounce."""
    counts: Literal["pulls", "presence"] | None = None
    """Every pull of the trigger (default of serial lines), or what stays in sight once."""
    feedback: Feedback = Feedback()
    payload: Payload = Payload()
    multi_read: MultiRead | None = None
    """Of a tunnel; without it several plates are left to the rules."""
    associate: Associate | None = None
    """It is a tunnel."""
    tunnel: str | None = None
    """It is a head of that tunnel: what it reads is told by the tunnel."""
    station: str | None = None


class LightZone(AnyDevice):
    kind: Literal["pick-to-light-zone"]
    mqtt: LightTopics | None = None
    pick_iq: PickIq | None = None
    """Instead of `mqtt`, on a Modbus line."""
    ack_timeout_s: Seconds = 1.5
    """A lamp that has not said by then that it shows its task has timed out."""
    bounce_s: Seconds = 0.3
    """A key that is pressed again so soon has not been pressed for its next task."""
    display: str | None = None
    lights: Annotated[dict[str, Light], BeforeValidator(by_name)]
    on_silent: dict[str, Any] | None = None
    """Said for the reader: a lamp that fails has an alarm, and its picks stand on `/work`."""

    @model_validator(mode="after")
    def _has_one_wire(self) -> "LightZone":
        if (self.mqtt is None) == (self.pick_iq is None):
            raise ValueError("needs either `mqtt` or `pick_iq`")
        return self


class Vda5050(Config):
    version: Literal["2.0.0", "2.1.0"] = "2.1.0"
    interface: str = "uagv"
    manufacturer: str
    serial: str | None = None


class Vehicle(Config):
    serial: str


class Frame(Config):
    origin: Numbers
    rotation: Radians
    unit: Literal["m"] = "m"


class FloorMap(Config):
    id: str
    frame: Frame


class Charge(Config):
    below: Percent
    station: str


class Fleet(AnyDevice):
    kind: Literal["vda5050-fleet"]
    vda5050: Vda5050
    vehicles: dict[str, Vehicle] = Field(default_factory=dict)
    """Several vehicles; a single one may be named by `vda5050.serial` instead."""
    map: FloorMap | None = None
    state_timeout_s: Seconds = 35.0
    charge: Charge | None = None

    @model_validator(mode="after")
    def _has_vehicles(self) -> "Fleet":
        if (self.vda5050.serial is None) == (not self.vehicles):
            raise ValueError("needs either `vda5050.serial` or `vehicles`")
        return self


class Tolerance(Config):
    percent: Annotated[float, Field(ge=0, le=100)]
    """Of the expected weight, above and below."""
    at_least_g: Grams
    """Allowed however light the carton is."""


class Scale(AnyDevice):
    kind: Literal["scale"]
    protocol: Literal["mt-sics"]
    unit: Literal["g", "kg"] = "g"
    """Of `range`; the scale says with each weight in which unit it is."""
    range: Numbers | None = None
    """A weight outside is no weight."""
    stable_timeout_s: Seconds = 3.0
    """A weight that has not come to rest by then is given up: its carton goes to the hospital."""
    tolerance: Tolerance | None = None
    """Instead of the site's: outside, a carton goes to the hospital."""
    zero_within_g: Grams = 5.0
    """Empty, it shows no more than that; else somebody is told to press zero."""
    empty_below_g: Grams = 50.0
    """Nothing that is weighed is so light: below, the scale is empty."""


class StatusQuery(Config):
    query: str
    every_s: Seconds


class Media(Config):
    width_mm: Millimetres
    height_mm: Millimetres


class Printer(AnyDevice):
    kind: Literal["zpl-printer"]
    status: StatusQuery
    dpi: Literal[203, 300, 600] = 203
    media: Media | None = None
    templates: dict[str, str] = Field(default_factory=dict)


Device = Annotated[
    Scanner | LightZone | Fleet | Merge | Sorter | Scale | Printer | Door | Io,
    Field(discriminator="kind"),
]

# --- the map --------------------------------------------------------------------------------------


class SiteId(Config):
    code: str
    gln: str
    timezone: str


class Reconnect(Config):
    first_s: Seconds = 0.25
    max_s: Seconds = 3.0
    """Local devices come back fast: at most 3 s lie between two attempts."""
    jitter: Percent = 20.0


class Defaults(Config):
    poll: dict[str, Seconds] = Field(default_factory=dict)
    """Named classes; `fast` 50ms, `normal` 250ms and `slow` 2s are there already."""
    stale_after: Times = 3.0
    """Missed polls after which a value is stale."""
    reconnect: Reconnect = Reconnect()


class DeviceMap(Config):
    devicemap: Literal[1]
    site: SiteId
    defaults: Defaults = Defaults()
    connections: dict[str, Connection]
    devices: dict[str, Device]
    _places: dict[tuple[str, ...], str] = PrivateAttr(default_factory=dict)
    _broken: set[str] = PrivateAttr(default_factory=set)

    @property
    def declared(self) -> frozenset[str]:
        """All devices of the file, those with a mistake of their own included."""
        return frozenset({*self.devices, *self._broken})

    def place(self, *path: str) -> str:
        """`file:line:col` of the nearest thing of that path which stands in the file."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, "")
