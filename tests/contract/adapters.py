"""Every adapter of `wcs.ports.Tx`, behind one door: decide one observation by a rule."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from sync import schema
from sync.hostmessage import to_nobody
from sync.memory import MemoryTx, run
from sync.moments import moment
from sync.transact import Transactor
from tests.core.toys import scan, seen
from wcs.commands import Command
from wcs.events import Event
from wcs.ports import Rule


class Caused(NamedTuple):
    outcome: str
    reason: str
    commands: list[tuple[str, Command]]
    events: list[tuple[str, Event]]


class Adapter(Protocol):
    def decide(self, rule: Rule) -> Caused: ...

    def timers(self) -> dict[str, datetime]: ...


class Memory:
    def __init__(self) -> None:
        self._tx = MemoryTx()

    def decide(self, rule: Rule) -> Caused:
        tx = run(rule, self._tx)
        return Caused(tx.outcome, tx.reason, tx.commands, tx.emitted)

    def timers(self) -> dict[str, datetime]:
        return self._tx.timers


class Sqlite:
    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._rule: Rule = lambda tx: None
        self._transactor = Transactor(
            conn,
            Path("contract.db"),
            decide=lambda observation: self._rule,
            mapping=to_nobody,
            release="test",
            epoch=1,
            seq=0,
        )

    def decide(self, rule: Rule) -> Caused:
        """A rule's exception is a test's failure here, not a quarantine."""
        raised: list[Exception] = []

        def guarded(tx):
            try:
                rule(tx)
            except Exception as err:
                raised.append(err)
                raise

        self._rule = guarded
        (decided,) = self._transactor.decide([seen(scan())])
        if raised:
            raise raised[0]
        commands = [(posted.id, posted.command) for posted in decided.commands]
        answer = decided.answer
        return Caused(answer.outcome, answer.reason, commands, list(decided.events))

    def timers(self) -> dict[str, datetime]:
        rows = self._conn.execute("SELECT key, at FROM timers")
        return {key: moment(at) for key, at in rows}


@cache
def _empty() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    schema.migrate(conn, Path("contract.db"))
    return conn


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """An empty one in memory, cheap enough for every example of a property."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        _empty().backup(conn)
        yield conn


@contextmanager
def memory() -> Iterator[Memory]:
    yield Memory()


@contextmanager
def sqlite() -> Iterator[Sqlite]:
    with database() as conn:
        yield Sqlite(conn)


ADAPTERS: dict[str, Callable[[], AbstractContextManager[Adapter]]] = {
    "memory": memory,
    "sqlite": sqlite,
}
