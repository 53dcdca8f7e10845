"""What was refused lately, in plain words: a tail of the journal, read on from where it was."""

import sqlite3
from collections import deque
from datetime import datetime
from typing import Any, Final

SHOWN: Final = 8
LOOK_BACK: Final = 20_000

WORDS: Final = {
    "Scanned": "scan",
    "LightPressed": "press",
    "PickReported": "pick",
    "OrderPlaced": "order",
    "OrderCancelAsked": "cancellation",
    "HospitalSolved": "hospital",
    "StockOpened": "opening stock",
    "Counted": "count",
    "PutBack": "put back",
    "ReprintAsked": "reprint",
    "LabelJudged": "held label",
    "Rebound": "new plate",
    "CartonPulled": "pull",
    "CartonFound": "found",
    "CartonLost": "lost",
    "ShortAnswered": "short pick",
    "LoadCloseAsked": "load",
    "DoorAsked": "door",
    "TourPlanned": "tour",
}


class Refusals:
    """The newest first in `rows`. A timer that was set anew is nobody's refusal."""

    def __init__(self) -> None:
        self.rows: deque[dict[str, Any]] = deque(maxlen=SHOWN)
        self._seq: int | None = None

    def catch_up(self, conn: sqlite3.Connection) -> None:
        last = conn.execute("SELECT max(seq) FROM journal").fetchone()[0] or 0
        since = max(0, last - LOOK_BACK) if self._seq is None else self._seq
        for at, kind, outcome, reason in conn.execute(
            "SELECT at, kind, outcome, reason FROM journal"
            " WHERE seq > ? AND (outcome = 'quarantined' OR outcome = 'refused' AND kind <> 'Due')"
            " ORDER BY seq",
            (since,),
        ):
            self.rows.appendleft(_row(at, kind, outcome, reason))
        self._seq = last


def _row(at: str, kind: str, outcome: str, reason: str) -> dict[str, Any]:
    return {
        "at": datetime.fromisoformat(at),
        "what": WORDS.get(kind, kind),
        "quarantined": outcome == "quarantined",
        "why": reason or "no reason given",
    }
