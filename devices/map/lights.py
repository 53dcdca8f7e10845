"""What a pick-to-light zone says of its wire and its lamps."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from devices.map.base import Config, Names
from devices.map.units import Address, At, Seconds


class LightTopics(Config):
    command: str
    event: str
    state: str = ""
    status: str
    qos: Literal[0, 1] = 1
    dedupe: dict[str, Any] | None = None
    """Said for the reader: presses are known by their boot and number whatever stands here."""


class PickIq(Config):
    """Modules of Banner's PICK-IQ (PTL110, K50, K30): which register does what, from the register
    map of the module at hand. Addresses are zero-based, as in its column without offset."""

    job: Address
    """Written 1, the module shows its job state; 0 puts it out."""
    touched: Address
    """Read: 0, 1 the primary output (touched), 2 the secondary one."""
    display: Address | None = None
    """Shows the quantity, on modules with digits."""
    colour: Address | None = None
    """Colour 1 of the job state."""
    colours: dict[str, Annotated[int, Field(ge=0, le=65535)]] = Field(default_factory=dict)
    """The module's number for each colour of an operator."""
    animation: Address | None = None
    """Animation of the job state: 1 steady, 2 flash."""
    secondary: Literal["nothing", "confirm", "empty"] = "nothing"
    """What the secondary output says; `empty` is a short pick of none."""
    poll_s: Seconds = 0.1
    """How often each module is asked: a touch that is shorter may be missed."""
    stuck_after_s: Seconds = 5.0
    """A key that is held for so long is stuck."""

    @field_validator("job", "touched", "display", "colour", "animation")
    @classmethod
    def _is_whole(cls, at: At | None) -> At | None:
        if at is not None and at.bit is not None:
            raise ValueError(f"{at} is one bit: a register or a coil is needed")
        return at


class Light(Config):
    location: str = ""
    colours: Names = ()
    display: int = 0
    unit: Annotated[int, Field(ge=1, le=247)] | None = None
    """Of its module on a Modbus line."""


def by_name(value: Any) -> Any:
    """A list of names is enough."""
    return {str(name): {} for name in value} if isinstance(value, list) else value
