"""How far a device is trusted to us: the steps by which a site is brought up and taken back."""

from typing import Final, get_args

from wcs.names import Mode

__all__ = ["MODES", "Mode", "refusal", "writes"]

MODES: Final[tuple[Mode, ...]] = get_args(Mode)


def writes(mode: Mode) -> bool:
    """Whether our heartbeat, acknowledgements and a person's values may reach the device."""
    return mode in ("manual", "automatic")


def refusal(mode: Mode, *, by_person: bool = False) -> str | None:
    """Why a command does not leave; None when it may."""
    match mode:
        case "automatic":
            return None
        case "manual":
            return None if by_person else "in manual: only people command it"
        case "observe":
            return "only observed: nothing is written to it"
        case "off":
            return "switched off"
