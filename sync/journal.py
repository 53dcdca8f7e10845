"""The journal: every observation as it came, what was answered and why; and the keys by which a
repeat is known."""

import sqlite3
from collections.abc import Sequence
from typing import Any, overload

from pydantic_core import to_json

from sync.tx import SqliteTx
from wcs.envelope import Answer, Seen
from wcs.messages import is_host

RAW = 2000
UNREADABLE = ""  # the body of an observation that does not fit its own type
KNOWN = "SELECT source_key, seq, outcome, reason FROM json_each(?) JOIN keys ON source_key = value"
JOURNAL = (
    "INSERT INTO journal (seq, at, kind, body, lane, source_key, by, raw, rule, release, epoch,"
    " outcome, reason, trace, took_us, effects)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
KEY = "INSERT INTO keys VALUES (?, ?, ?, ?, ?)"
PRIVATE = "INSERT OR REPLACE INTO private VALUES (?, ?)"
ANSWERED = "UPDATE commands SET answered_at = ?, result = ? WHERE id = ?"


@overload
def clean(text: str) -> str: ...
@overload
def clean(text: str | None) -> str | None: ...
def clean(text: str | None) -> str | None:
    """What UTF-8 cannot say becomes `?`: noise on a line must not stop the journal."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


class Journal:
    """Collects a group's rows and writes them at once, table by table: no rule reads them."""

    def __init__(self, conn: sqlite3.Connection, release: str, epoch: int) -> None:
        self._conn, self._release, self._epoch = conn, release, epoch
        self.begin(())

    def begin(self, group: Sequence[Seen]) -> None:
        """Looks up which of the group are known already."""
        self._rows: list[tuple[Any, ...]] = []
        self._keys: list[tuple[Any, ...]] = []
        self._private: list[tuple[str, str]] = []
        self._answered: list[tuple[str, str | None, str]] = []
        keys = [clean(seen.key) for seen in group if seen.key is not None]
        rows = self._conn.execute(KNOWN, (to_json(keys).decode(),)) if keys else ()
        self._known = {key: (outcome, why, seq) for key, seq, outcome, why in rows}

    def known(self, seen: Seen) -> Answer | None:
        """The answer of the first time; None for an observation that is new."""
        first = None if seen.key is None else self._known.get(clean(seen.key))
        return None if first is None else Answer(*first, repeated=True)

    def add(
        self, seen: Seen, body: str, answer: Answer, tx: SqliteTx, trace: str, took_us: int
    ) -> None:
        observation, key = seen.observation, clean(seen.key)
        self._rows.append(
            (
                answer.seq,
                tx.at,
                type(observation).__name__,
                body,
                "host" if is_host(observation) else "floor",
                key,
                clean(getattr(observation, "by", None)),
                clean(seen.raw[:RAW]),
                tx.rule,
                self._release,
                self._epoch,
                answer.outcome,
                answer.reason,
                clean(trace),
                took_us,
                to_json(tx.effects).decode() if tx.effects else "[]",
            )
        )
        if key is not None:
            self._keys.append((key, answer.seq, answer.outcome, answer.reason, tx.at))
            self._known[key] = (answer.outcome, answer.reason, answer.seq)
        for name, text in seen.private.items():
            self._private.append((clean(name), clean(text)))
        command = getattr(observation, "command", None)
        if command is not None:  # a device told what became of it: delivery state, not replayed
            result = getattr(observation, "code", None) or getattr(observation, "reason", "")
            self._answered.append((tx.at, clean(result), command))

    def write(self) -> None:
        self._conn.executemany(JOURNAL, self._rows)
        self._conn.executemany(KEY, self._keys)
        self._conn.executemany(PRIVATE, self._private)
        self._conn.executemany(ANSWERED, self._answered)
