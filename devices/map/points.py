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
    deadband: Deadband | None = None
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
            "bits",
        ):
            raise ValueError("`type: enum` and the table `enum` belong together")
        return self


class RegisterTag(_Tag):
    at: Address
    poll: PollClass = Field(default="normal", validate_default=True)
    word_order: Order = "big"
    byte_order: Order = "big"
    length: int = 0
    """Characters of a string."""
    count: Annotated[int, Field(ge=1, le=125)] = 1
    """More than one: an array, element behind element."""
    counter: bool = False
    nan: float | None = None
    pulse_s: Seconds | None = None

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
