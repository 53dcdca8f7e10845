"""How far a device is trusted to us: the steps by which a site is brought up and taken back."""

from typing import Final, Literal

Mode = Literal["off", "observe", "manual", "automatic"]
MODES: Final[tuple[Mode, ...]] = ("off", "observe", "manual", "automatic")


def writes(mode: Mode) -> bool:
    """Whether our heartbeat, acknowledgements and a person's values may reach the device."""
    return mode in ("manual", "automatic")


def refusal(mode: Mode) -> str | None:
    """Why a command of a rule does not leave; None when it may."""
    match mode:
        case "automatic":
            return None
        case "manual":
            return "in manual: only people command it"
        case "observe":
            return "only observed: nothing is written to it"
        case "off":
            return "switched off"
