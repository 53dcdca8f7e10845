"""What only a person can end, shown at a station until somebody has done it."""

from datetime import datetime

from wcs.events import ErrandAsked, ErrandEnded
from wcs.model import Errand
from wcs.ports import Tx


def key(kind: str, subject: str) -> str:
    return f"{kind}:{subject}"


def ask(tx: Tx, errand: Errand) -> bool:
    """Whether it is new: an errand that is open already is not asked for twice."""
    if tx.get(Errand, errand.key):
        return False
    tx.save(errand)
    tx.emit(
        ErrandAsked(
            key=errand.key,
            station=errand.station,
            kind=errand.kind,
            subject=errand.subject,
            text=errand.text,
            at=errand.asked_at,
        )
    )
    return True


def end(tx: Tx, key: str, by: str, at: datetime) -> bool:
    """Whether it was open."""
    if tx.get(Errand, key) is None:
        return False
    tx.remove(Errand, key)
    tx.emit(ErrandEnded(key=key, by=by, at=at))
    return True
