"""The hospital lane: a person reads reason and remedy and sends the carton on."""

from datetime import datetime

from wcs.model import Carton
from wcs.observations import HospitalSolved, PutBack, Rebound, Scanned
from wcs.ports import Tx


def on_scanned(seen: Scanned, tx: Tx) -> None:
    raise NotImplementedError


def on_hospital_solved(seen: HospitalSolved, tx: Tx) -> None:
    raise NotImplementedError


def on_rebound(seen: Rebound, tx: Tx) -> None:
    raise NotImplementedError


def on_put_back(seen: PutBack, tx: Tx) -> None:
    raise NotImplementedError


def on_carton_cancelled(tx: Tx, carton: Carton, at: datetime) -> None:
    """Stops a carton of a cancelled order wherever it is: a line label is withdrawn; in the
    hospital its goods go to the put-back account; in a lane somebody must pull it. The shop hears
    the final word when the carton is in the hospital, or that it is refused when its load closes."""
    return None
