"""How well the floor works, counted from events: bounded in memory, whatever happens."""

import json
import sqlite3
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

WINDOW: Final = timedelta(hours=1)
PACE: Final = timedelta(minutes=10)
KINDS: Final = ("CartonRouted", "CartonSorted", "CartonRecirculated", "LinePicked")
BATCH: Final = 5_000
ROUTES: Final = 10_000
LIGHTS: Final = "the picker of the lights"


@dataclass(slots=True)
class Minute:
    """What happened in one minute of the gateway clock."""

    start: datetime
    read: int = 0
    unread: int = 0
    sorted: int = 0
    as_routed: int = 0
    recirculated: int = 0
    lines: int = 0
    pickers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares are 0..1, None while there is nothing to divide by."""

    read: float | None
    sorted_right: float | None
    recirculated: float | None
    cartons_h: float | None
    lines_person_h: float | None


class Tally:
    """Sixty minutes of counters, fed with events in their order."""

    def __init__(self) -> None:
        self.cursor: int | None = None
        self._minutes: deque[Minute] = deque(maxlen=int(WINDOW.total_seconds() // 60))
        self._routed: OrderedDict[str, str] = OrderedDict()

    def catch_up(self, conn: sqlite3.Connection, now: datetime) -> None:
        """Reads what was decided since the last time; the last hour at first."""
        if self.cursor is None:
            self.cursor = _cursor_at(conn, now - WINDOW)
        while rows := _after(conn, self.cursor):
            for n, kind, at, body in rows:
                self.count(kind, datetime.fromisoformat(at), json.loads(body))
                self.cursor = n
            if len(rows) < BATCH:
                return

    def count(self, kind: str, at: datetime, body: dict[str, Any]) -> None:
        minute = self._minute(at)
        match kind:
            case "CartonRouted" if body["lpn"] is None:
                minute.unread += 1
            case "CartonRouted":
                minute.read += 1
                self._routed[body["lpn"]] = body["lane"]
                while len(self._routed) > ROUTES:
                    self._routed.popitem(last=False)
            case "CartonSorted":
                minute.sorted += 1
                minute.as_routed += self._routed.pop(body["lpn"], body["lane"]) == body["lane"]
            case "CartonRecirculated":
                minute.recirculated += 1
            case "LinePicked":
                minute.lines += 1
                minute.pickers.add(body["by"] or LIGHTS)
            case _:
                return

    def rates(self, now: datetime) -> Rates:
        hour = [m for m in self._minutes if m.start > now - WINDOW]
        lately = [m for m in hour if m.start > now - PACE]
        reads, unread = sum(m.read for m in hour), sum(m.unread for m in hour)
        done, again = sum(m.sorted for m in hour), sum(m.recirculated for m in hour)
        worked_h = sum(len(m.pickers) for m in lately) / 60
        return Rates(
            read=_share(reads, reads + unread),
            sorted_right=_share(sum(m.as_routed for m in hour), done),
            recirculated=_share(again, done + again),
            cartons_h=_pace(sum(m.sorted for m in lately), lately, now),
            lines_person_h=sum(m.lines for m in lately) / worked_h if worked_h else None,
        )

    def _minute(self, at: datetime) -> Minute:
        start = at.replace(second=0, microsecond=0)
        if not self._minutes or self._minutes[-1].start < start:
            self._minutes.append(Minute(start))
        return self._minutes[-1]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _pace(count: int, minutes: list[Minute], now: datetime) -> float | None:
    """Per hour, over the time since the first of these minutes began, a minute at least."""
    if not minutes:
        return None
    return count * 3600 / max(60.0, (now - minutes[0].start).total_seconds())


def _cursor_at(conn: sqlite3.Connection, at: datetime) -> int:
    """The last event that was decided before `at`."""
    row = conn.execute("SELECT min(seq) FROM journal WHERE at >= ?", (at.isoformat(),)).fetchone()
    if row[0] is None:
        row = conn.execute("SELECT max(n) FROM events").fetchone()
        return row[0] or 0
    row = conn.execute("SELECT min(n) FROM events WHERE seq >= ?", row).fetchone()
    return (row[0] or 1) - 1


def _after(conn: sqlite3.Connection, cursor: int) -> list[tuple[int, str, str, str]]:
    marks = ",".join("?" * len(KINDS))
    return conn.execute(
        f"SELECT n, kind, at, body FROM events WHERE n > ? AND kind IN ({marks})"
        f" ORDER BY n LIMIT {BATCH}",
        (cursor, *KINDS),
    ).fetchall()
