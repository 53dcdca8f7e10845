"""The journal: every observation as it came, what was answered and why; and the keys by which a
repeat is known."""

import sqlite3
from typing import overload

from pydantic_core import to_json

from sync.tx import SqliteTx
from wcs.envelope import Answer, Seen
from wcs.messages import is_host

RAW = 2000
UNREADABLE = ""  # the body of an observation that does not fit its own type
INSERT = (
    "INSERT INTO journal (seq, at, kind, body, lane, source_key, by, raw, rule, release, epoch,"
    " outcome, reason, trace, took_us, effects)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@overload
def clean(text: str) -> str: ...
@overload
def clean(text: str | None) -> str | None: ...
def clean(text: str | None) -> str | None:
    """What UTF-8 cannot say becomes `?`: noise on a line must not stop the journal."""
    return None if text is None else text.encode("utf-8", "replace").decode()


class Journal:
    """Belongs to the one connection that writes."""

    def __init__(self, conn: sqlite3.Connection, release: str, epoch: int) -> None:
        self._conn, self._release, self._epoch = conn, release, epoch

    def known(self, key: str) -> Answer | None:
        """The answer of the first time; None for an observation that is new."""
        row = self._conn.execute(
            "SELECT seq, outcome, reason FROM keys WHERE source_key = ?", (clean(key),)
        ).fetchone()
        return None if row is None else Answer(row[1], row[2], row[0], repeated=True)

    def write(
        self, seen: Seen, body: str, answer: Answer, tx: SqliteTx, trace: str, took_us: int
    ) -> None:
        observation, key = seen.observation, clean(seen.key)
        self._conn.execute(
            INSERT,
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
                to_json(tx.effects).decode(),
            ),
        )
        if key is not None:
            self._conn.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?)",
                (key, answer.seq, answer.outcome, answer.reason, tx.at),
            )
        for name, body in seen.private.items():
            self._conn.execute(
                "INSERT OR REPLACE INTO private VALUES (?, ?)", (clean(name), clean(body))
            )
        self._command_answered(observation, tx.at)

    def _command_answered(self, observation: object, at: str) -> None:
        """A device told what became of a command: delivery state, no part of a replay."""
        command = getattr(observation, "command", None)
        if command is not None:
            result = getattr(observation, "code", None) or getattr(observation, "reason", "")
            self._conn.execute(
                "UPDATE commands SET answered_at = ?, result = ? WHERE id = ?",
                (at, result, command),
            )
