"""Read-only connections whose queries end in time: a page may ask anything and never holds up
the floor."""

import sqlite3
from pathlib import Path
from time import monotonic
from typing import Any

STEPS = 10_000  # SQLite instructions between two looks at the clock


class Reader(sqlite3.Connection):
    """Each statement, its rows included, has `within_s` seconds; then sqlite3 raises
    OperationalError ("interrupted")."""

    within_s = 2.0
    _ends = 0.0

    def execute(self, *args: Any) -> sqlite3.Cursor:
        self._ends = monotonic() + self.within_s
        return super().execute(*args)

    def is_late(self) -> bool:
        return monotonic() > self._ends


def reader(path: Path, within_s: float = 2.0) -> Reader:
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        factory=Reader,
    )
    conn.within_s = within_s
    conn.set_progress_handler(conn.is_late, STEPS)
    return conn
