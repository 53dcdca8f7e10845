"""The hospital lane: a person reads reason and remedy and sends the carton on."""

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
