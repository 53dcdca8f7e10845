"""Moves the write-ahead log into the database in idle moments, on a connection of its own, so
that no scan waits for it."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from time import monotonic

log = logging.getLogger(__name__)
IDLE_S = 0.05
SOME, MANY = 1_000, 20_000  # rows changed since the last checkpoint


class Checkpoints:
    """The writer reports how many rows it has changed in all; a checkpoint follows at the next
    idle moment after SOME of them, and even amid traffic after MANY."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = self._moved = 0
        self._at = 0.0
        self._news, self._ended = Event(), Event()
        self._thread = Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def changed(self, rows: int) -> None:
        self._changed, self._at = rows, monotonic()
        if rows - self._moved > SOME:
            self._news.set()

    def close(self) -> None:
        self._ended.set()
        self._news.set()
        self._thread.join()

    def _run(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as conn:
            conn.execute("PRAGMA synchronous = FULL")
            while self._is_due():
                moved = self._changed
                try:
                    conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                except sqlite3.Error as err:  # the writer meets the same disk and stops the store
                    log.error("%s: no checkpoint: %s", self._path, err)
                self._moved = moved

    def _is_due(self) -> bool:
        """Waits for an idle moment or too many rows; False when it is time to end."""
        self._news.wait()
        self._news.clear()
        while not self._ended.is_set():
            wait_s = IDLE_S - (monotonic() - self._at)
            if wait_s <= 0 or self._changed - self._moved > MANY:
                return True
            self._ended.wait(wait_s)
        return False
