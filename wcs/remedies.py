"""What a person can do about a carton in the hospital lane, in words, by what is wrong with it.

The last words of a remedy, after a comma where there is one, name the button that ends the stay:
`accept weight`, `relabel`, `reprint`, `reinduct`; `put back`
ends with the last piece on its shelf, `emptied` when nothing was in it.
"""

from typing import Final

from wcs.model import Carton

PUT_BACK: Final = "put back"
EMPTIED: Final = "emptied"
"""Nothing is in it."""
ACCEPT_WEIGHT: Final = "check contents, accept weight"
RELABEL: Final = "correct the address, relabel"
REPRINT: Final = "stick on a new label, reprint"
REINDUCT: Final = "reinduct"
CLEAN: Final = "clean the plate or bind a new one, reinduct"
ONE_PLATE: Final = "leave only one plate on it, reinduct"
CHECK_LANE: Final = "check its lane, reinduct"


def remedy_of(carton: Carton) -> str:
    """For a carton about which nothing more is known than its own record."""
    if carton.cancelled:
        return PUT_BACK
    if not carton.weight_ok:
        return CLEAN if carton.measured_g is None else ACCEPT_WEIGHT
    if carton.tracking is None:
        return REINDUCT if carton.label_asked else RELABEL
    return REINDUCT if carton.label_ok else REPRINT


def why_not(remedy: str, carton: Carton) -> str | None:
    """Why a person's remedy does not fit what is wrong with the carton; None when it does."""
    if remedy == "emptied":
        return None
    if carton.cancelled:
        return f"{carton.lpn} is cancelled: {PUT_BACK}"
    match remedy:
        case "accept_weight" if carton.measured_g is None:
            return f"{carton.lpn} was not weighed: {REINDUCT}"
        case "accept_weight" if carton.weight_ok:
            return f"the weight of {carton.lpn} is in order: {remedy_of(carton)}"
        case "reprint" | "relabel" if not carton.weight_ok:
            return f"{carton.lpn} {_weight(carton)}: {remedy_of(carton)}"
        case "reprint" if carton.tracking is None:
            return f"{carton.lpn} has no label yet: relabel"
        case "relabel" if carton.tracking is not None:
            return f"{carton.lpn} has tracking number {carton.tracking}: reprint"
    return None


def _weight(carton: Carton) -> str:
    return "was not weighed" if carton.measured_g is None else "has the wrong weight"
