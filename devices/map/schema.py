"""The device map as checked models: connections by type, devices by kind, tags at addresses.

An attribute names its unit (`timeout_s`, `distance_mm`, `belt_speed_m_s`); the key in the file
does not (`timeout: 150ms`).
"""

from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Strict,
    Tag,
    model_validator,
)

from devices.map.units import (
    Address,
    At,
    Grams,
    Millimetres,
    Offset,
    Percent,
    Poll,
    PollClass,
    Radians,
    Seconds,
    Speed,
    Times,
)

__all__ = ["At", "Poll"]

_UNITS: Final = ("_m_s", "_mm", "_g", "_s")


def key_of(attribute: str) -> str:
    """`belt_speed_m_s` is written `belt_speed` in the file: there the value carries the unit."""
    for unit in _UNITS:
        if attribute.endswith(unit):
            return attribute.removesuffix(unit)
    return attribute


class Config(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=key_of, protected_namespaces=()
    )


def _texts(value: Any) -> Any:
    """Lanes and the like may be numbers in the file; their names are text."""
    return {str(key): one for key, one in value.items()} if isinstance(value, dict) else value


Port = Annotated[int, Field(ge=0, le=65535)]
Names = Annotated[tuple[str, ...], Strict(False)]
Numbers = Annotated[tuple[float, float], Strict(False)]
Order = Literal["big", "little"]

# --- connections ----------------------------------------------------------------------------------


class Secret(Config):
    """The name of a secret; its value comes from the environment or the secrets file."""

    secret: str


class ModbusTcp(Config):
    type: Literal["modbus-tcp"]
    host: str
    port: Port = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    timeout_s: Seconds = 0.5
    retries: int = 0
    """Of reads; a write is never repeated blindly."""
    max_gap: int = 8
    max_registers: Annotated[int, Field(ge=1, le=125)] = 120
    addressing: Literal["zero-based", "modicon"] = "zero-based"
    word_order: Order = "big"
    byte_order: Order = "big"


class OpcSecurity(Config):
    policy: Literal["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
    mode: Literal["Sign", "SignAndEncrypt"]
    certificate: str
    private_key: str
    trust: str


class OpcUa(Config):
    type: Literal["opcua"]
    url: str
    insecure: bool = False
    security: OpcSecurity | None = None
    user: str | None = None
    password: Secret | None = None
    namespaces: dict[str, str]
    """Alias -> namespace URI; the index may move after a restart of the server."""
    publishing_s: Seconds = 0.25
    timeout_s: Seconds = 2.0

    @model_validator(mode="after")
    def _security_is_said(self) -> "OpcUa":
        if self.security is None and not self.insecure:
            raise ValueError("security is missing; `insecure: true` says that none is wanted")
        return self


class Mqtt(Config):
    type: Literal["mqtt"]
    host: str
    port: Port = 1883
    client_id: str
    clean_session: bool = False
    keepalive_s: Seconds = 15.0
    tls: dict[str, str] | None = None
    user: str | None = None
    password: Secret | None = None


class SerialMatch(Config):
    usb: str
    serial: str = "*"


class Serial(Config):
    type: Literal["serial"]
    port: str | None = None
    match: SerialMatch | None = None
    baud: int = 9600
    format: Literal["8N1", "8E1", "8O1", "7E1", "7O1", "8N2"] = "8N1"

    @model_validator(mode="after")
    def _is_found_somehow(self) -> "Serial":
        if (self.port is None) == (self.match is None):
            raise ValueError("needs either `port` or `match`")
        return self


class TcpClient(Config):
    type: Literal["tcp-client"]
    host: str
    port: Port
    timeout_s: Seconds = 2.0
    keepalive_s: Seconds | None = None
    connect: Literal["always", "on-demand"] = "always"


Connection = Annotated[ModbusTcp | OpcUa | Mqtt | Serial | TcpClient, Field(discriminator="type")]

# --- tags -----------------------------------------------------------------------------------------

TagType = Literal[
    "bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
    "float", "double", "bcd16", "bcd32", "string", "enum", "bits",
]  # fmt: skip
WORDS: Final[dict[str, int]] = {
    "int32": 2, "uint32": 2, "float32": 2, "float": 2, "bcd32": 2,
    "int64": 4, "uint64": 4, "float64": 4, "double": 4,
}  # fmt: skip
PACKML: Final = dict(
    enumerate(
        "undefined clearing stopped starting idle suspended execute stopping aborting aborted "
        "holding held unholding suspending unsuspending resetting completing complete".split()
    )
)
"""ISA-TR88.00.02 machine states."""


def _table(value: Any) -> Any:
    return PACKML if value == "packml" else value


class Debounce(Config):
    on_s: Seconds = 0.0
    off_s: Seconds = 0.0


class Alarm(Config):
    when: bool | None = None
    delay_s: Seconds = 0.0
    priority: Literal["low", "medium", "high", "critical"] = "medium"
    text: str = ""
    latch: bool = False
    low_low: float | None = None
    low: float | None = None
    high: float | None = None
    high_high: float | None = None
    hysteresis: float = 0.0
    source: Literal["opcua-condition"] | None = Field(default=None, alias="from")
    node: str | None = None


class _Tag(Config):
    type: TagType
    access: Literal["r", "w", "rw"] = "r"
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    range: Numbers | None = None
    """Writes outside are refused, in the unit of the value."""
    deadband: float | Percent | None = None
    enum: Annotated[dict[int, str] | None, BeforeValidator(_table)] = None
    permission: str | None = None
    debounce: Debounce | None = None
    alarm: Alarm | None = None
    note: str = ""

    @model_validator(mode="after")
    def _enum_has_names(self) -> "_Tag":
        if (self.type == "enum") != (self.enum is not None) and self.type not in (
            "int32",
            "uint16",
        ):
            raise ValueError("`type: enum` and the table `enum` belong together")
        return self


class RegisterTag(_Tag):
    at: Address
    poll: PollClass = Field(default=Poll("normal", 0.25, 0.75))
    word_order: Order = "big"
    byte_order: Order = "big"
    length: int = 0
    """Characters of a string."""
    counter: bool = False
    nan: float | None = None
    pulse_s: Seconds | None = None

    @property
    def words(self) -> int:
        """Registers (or bits of a coil table) that the value fills."""
        return (self.length + 1) // 2 if self.type == "string" else WORDS.get(self.type, 1)


class NodeTag(_Tag):
    node: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*;[sigb]=.+$")]
    """`alias;s=Identifier`, the alias being one of the connection's namespaces."""
    sampling_s: Seconds | None = None


def _tag_style(value: Any) -> str:
    node = value.get("node") if isinstance(value, dict) else getattr(value, "node", None)
    return "<register>" if node is None else "<node>"


AnyTag = Annotated[
    Annotated[RegisterTag, Tag("<register>")] | Annotated[NodeTag, Tag("<node>")],
    Discriminator(_tag_style),
]

# --- handshakes -----------------------------------------------------------------------------------


class OnLost(Config):
    state: str = "offline"
    policy: str = ""


class Heartbeat(Config):
    """`watch` is raised by the device, `drive` by us; both wrap."""

    style: Literal["heartbeat"] = "heartbeat"
    watch: str
    drive: str
    every_s: Seconds
    lost_after_s: Seconds
    on_lost: OnLost | None = None


class EventShake(Config):
    style: Literal["event"]
    seq: str
    data: Names
    ack: str


class CommandShake(Config):
    style: Literal["command"]
    data: Names
    seq: str
    ack: str
    result: str
    ok: Names
    timeout_s: Seconds
    retry: Annotated[int, Field(ge=0, le=1)] = 0
    """1: read the ack back, then the same sequence number once."""
    resync: Literal["read-on-connect"] = "read-on-connect"
    seq_range: Annotated[tuple[int, int], Strict(False)] = (1, 65535)


class TargetShake(Config):
    style: Literal["target"]
    target: str
    actual: str
    busy: str
    timeout_s: Seconds


def _shake_style(value: Any) -> str:
    style = value.get("style") if isinstance(value, dict) else value.style
    return f"<{style or 'heartbeat'}>"


Handshake = Annotated[
    Annotated[Heartbeat, Tag("<heartbeat>")]
    | Annotated[EventShake, Tag("<event>")]
    | Annotated[CommandShake, Tag("<command>")]
    | Annotated[TargetShake, Tag("<target>")],
    Discriminator(_shake_style),
]

# --- devices --------------------------------------------------------------------------------------


class _Device(Config):
    connection: str
    area: str = ""
    note: str = ""


class Framing(Config):
    start: str = ""
    end: str
    separator: str | None = None
    max_length: Annotated[int, Field(ge=1, le=4096)] = 512
    idle_flush_s: Seconds | None = None


class LineBeat(Config):
    match: str
    every_s: Seconds
    lost_after_s: Seconds


class Feedback(Config):
    style: Literal["datalogic-escape", "honeywell", "zebra-ssi", "none"] = "none"


class Payload(Config):
    aim_identifier: Literal["required", "optional", "none"] = "optional"
    encoding: str = "utf-8"
    gs: str = "\x1d"


class MultiRead(Config):
    keep: Literal["all", "first"] = "all"
    conflict: Literal["no_read", "keep"] = "no_read"


class Associate(Config):
    device: str
    event: str
    window: Annotated[tuple[Offset, Offset], Strict(False)]


class Scanner(_Device):
    kind: Literal["scanner"]
    framing: Framing
    fields: Names = ("codes",)
    """What a frame holds, in order; `codes` takes the rest."""
    no_read: Names = ()
    heartbeat: LineBeat | None = None
    dedupe_s: Seconds = 0.0
    feedback: Feedback = Feedback()
    payload: Payload = Payload()
    multi_read: MultiRead = MultiRead()
    associate: Associate | None = None
    station: str | None = None


class LightTopics(Config):
    command: str
    event: str
    state: str = ""
    status: str
    qos: Literal[0, 1] = 1
    dedupe: dict[str, Any] | None = None


class Light(Config):
    location: str = ""
    colours: Names = ()
    display: int = 0


def _lights(value: Any) -> Any:
    return {name: {} for name in value} if isinstance(value, list) else value


class LightZone(_Device):
    kind: Literal["pick-to-light-zone"]
    mqtt: LightTopics
    ack_timeout_s: Seconds = 1.5
    display: str | None = None
    lights: Annotated[dict[str, Light], BeforeValidator(_lights)]
    on_silent: dict[str, Any] | None = None


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


class Fleet(_Device):
    kind: Literal["vda5050-fleet"]
    vda5050: Vda5050
    vehicles: dict[str, Vehicle] = {}
    """Several vehicles; a single one may be named by `vda5050.serial` instead."""
    map: FloorMap | None = None
    state_timeout_s: Seconds = 35.0
    charge: Charge | None = None

    @model_validator(mode="after")
    def _has_vehicles(self) -> "Fleet":
        if (self.vda5050.serial is None) == (not self.vehicles):
            raise ValueError("needs either `vda5050.serial` or `vehicles`")
        return self


class _Tagged(_Device):
    tags: dict[str, AnyTag]
    """By name; those of an included template are called `<as>.<name>`."""
    handshakes: dict[str, Handshake] = {}


class MergeLane(Config):
    full: str
    hold: str
    priority: str


class Method(Config):
    object: str
    method: str
    takes: dict[str, TagType] = Field(default={}, alias="in")
    gives: dict[str, TagType] = Field(default={}, alias="out")


class Merge(_Tagged):
    kind: Literal["merge-lift"]
    lanes: Annotated[dict[str, MergeLane], BeforeValidator(_texts)] = {}
    methods: dict[str, Method] = {}


class SorterLane(Config):
    destination: str
    full: str | None = None
    jam: str | None = None
    recirculate: bool = False


class DecisionPoint(Config):
    scanner: str
    distance_mm: Millimetres
    belt_speed: Annotated[Speed | str, Field(union_mode="left_to_right")]
    """A speed, or the tag that tells it."""


class Sorter(_Tagged):
    kind: Literal["divert-sorter"]
    lanes: Annotated[dict[str, SorterLane], BeforeValidator(_texts)]
    decision_point: DecisionPoint | None = None


class Tolerance(Config):
    percent: float
    at_least_g: Grams


class Scale(_Device):
    kind: Literal["scale"]
    protocol: Literal["mt-sics"]
    unit: Literal["g", "kg"] = "g"
    range: Numbers | None = None
    stable_timeout_s: Seconds = 3.0
    tolerance: Tolerance | None = None


class StatusQuery(Config):
    query: str
    every_s: Seconds


class Media(Config):
    width_mm: Millimetres
    height_mm: Millimetres


class Printer(_Device):
    kind: Literal["zpl-printer"]
    status: StatusQuery
    dpi: Literal[203, 300, 600] = 203
    media: Media | None = None
    templates: dict[str, str] = {}


Device = Annotated[
    Scanner | LightZone | Fleet | Merge | Sorter | Scale | Printer, Field(discriminator="kind")
]

# --- the map --------------------------------------------------------------------------------------


class SiteId(Config):
    code: str
    gln: str
    timezone: str


class Reconnect(Config):
    first_s: Seconds = 0.25
    max_s: Seconds = 3.0
    jitter: Percent = 20.0


class Defaults(Config):
    poll: dict[str, Seconds] = {}
    stale_after: Times = 3.0
    reconnect: Reconnect = Reconnect()


class DeviceMap(Config):
    devicemap: Literal[1]
    site: SiteId
    defaults: Defaults = Defaults()
    connections: dict[str, Connection]
    devices: dict[str, Device]
    _places: dict[tuple[str, ...], str] = PrivateAttr(default_factory=dict)

    def place(self, *path: str) -> str:
        """`file:line:col` of the nearest thing of that path which stands in the file."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, "")
