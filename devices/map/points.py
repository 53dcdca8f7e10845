"""Tags: typed values at a register or a node, and what may be done with them."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from devices.map.base import Config, Numbers, Order
from devices.map.units import Address, Deadband, PollClass, Seconds

TagType = Literal[
    "bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64",
    "float", "double", "bcd16", "bcd32", "string", "enum", "bits",
]  # fmt: skip
WORDS: Final[dict[str, int]] = {
    "int32": 2, "uint32": 2, "float32": 2, "float": 2, "bcd32": 2,
    "int64": 4, "uint64": 4, "float64": 4, "double": 4,
}  # fmt: skip
_STATES: Final = (
    "undefined clearing stopped starting idle suspended execute stopping aborting aborted "
    "holding held unholding suspending unsuspending resetting completing complete"
)
PACKML: Final = dict(enumerate(_STATES.split(" ")))
"""ISA-TR88.00.02 machine states."""


def _table(value: Any) -> Any:
    return PACKML if value == "packml" else value


class Debounce(Config):
    on_s: Seconds = 0.0
    off_s: Seconds = 0.0


class Alarm(Config):
    when: bool | None = None
    """Of a bool: the value that is the alarm."""
    delay_s: Seconds = 0.0
    """How long it is so before the alarm comes."""
    priority: Literal["low", "medium", "high", "critical"] = "medium"
    text: str = ""
    latch: bool = False
    """Stays until a person acknowledges it."""
    low_low: float | None = None
    low: float | None = None
    high: float | None = None
    high_high: float | None = None
    hysteresis: float = 0.0
    """How far back inside a limit the value is before the alarm goes."""
    source: Literal["opcua-condition"] | None = Field(default=None, alias="from")
    node: str | None = None


class _Tag(Config):
    type: TagType
    """`float` and `double` are OPC UA's names of `float32` and `float64`."""
    access: Literal["r", "w", "rw"] = "r"
    """Read, written, or both; what is only written is never polled."""
    scale: float = 1.0
    """value = raw × scale + offset"""
    offset: float = 0.0
    unit: str = ""
    """As people read it: `m/s`, `degC`, `A`."""
    range: Numbers | None = None
    """Writes outside are refused, in the unit of the value."""
    deadband: Deadband | None = None
    """How far a value moves before it is told again: in its unit, or `2%`."""
    enum: Annotated[dict[int, str] | None, BeforeValidator(_table)] = None
    """Code -> name; of `bits` bit -> name; `packml` for the states of ISA-TR88."""
    permission: str | None = None
    """Who may write it by hand: a role (`operator`, `engineer`, `admin`); any other name, and none,
    asks for an engineer."""
    debounce: Debounce | None = None
    """How long a bit stays before it counts."""
    alarm: Alarm | None = None
    """Raised while the value is so."""
    note: str = ""
    """For people."""

    @model_validator(mode="after")
    def _enum_has_names(self) -> "_Tag":
        if (self.type == "enum") != (self.enum is not None) and self.type not in (
            "int32",
            "uint16",
            "bits",
        ):
            raise ValueError("`type: enum` and the table `enum` belong together")
        return self


class RegisterTag(_Tag):
    at: Address
    """`co|di|ir|hr:N` from zero, `.bit` from the least significant; with `addressing: modicon` also
    `400013`."""
    poll: PollClass = Field(default="normal", validate_default=True)
    """A class of `defaults.poll`, or `once` per connection."""
    word_order: Order = "big"
    """Which word of several comes first; else the device's, else the connection's."""
    byte_order: Order = "big"
    """Inside each word."""
    length: int = 0
    """Characters of a string."""
    count: Annotated[int, Field(ge=1, le=125)] = 1
    """More than one: an array, element behind element."""
    counter: bool = False
    """Counts on and wraps at the end of its type: what is shown goes on."""
    nan: float | None = None
    """The raw value by which a device says that it has none."""
    pulse_s: Seconds | None = None
    """A written true falls back by itself after so long."""

    @property
    def words(self) -> int:
        """Registers (or bits of a coil table) that the value fills."""
        one = (self.length + 1) // 2 if self.type == "string" else WORDS.get(self.type, 1)
        return one * self.count


class NodeTag(_Tag):
    node: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*;[sigb]=.+$")]
    """`alias;s=Identifier`, the alias being one of the connection's namespaces."""
    sampling_s: Seconds | None = None
    """How often the server looks; by default the connection's `publishing`."""
    queue: Annotated[int, Field(ge=1, le=1000)] = 1
    """Values that the server keeps between two of its messages: more than one only where those
    in between matter."""


def _tag_style(value: Any) -> str:
    node = value.get("node") if isinstance(value, dict) else getattr(value, "node", None)
    return "<register>" if node is None else "<node>"


AnyTag = Annotated[
    Annotated[RegisterTag, Tag("<register>")] | Annotated[NodeTag, Tag("<node>")],
    Discriminator(_tag_style),
]
