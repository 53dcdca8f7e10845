"""The in-memory twin of the store's Tx: what rules are tested on, held to the same contract as
SQLite."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sync.moments import moment, text_of
from sync.table import Table
from wcs.messages import Command, Event, WantedState, dumps, loads
from wcs.ports import E, Entity, Outcome, Rule
from wcs.records import index_of


class MemoryTx:
    """All state in dictionaries. `begin(seq)` opens the next observation; what it caused is in
    the lists."""

    def __init__(self) -> None:
        self._tables: dict[type, Table[Any]] = {}
        self.timers: dict[str, datetime] = {}
        self.begin(0)

    def begin(self, seq: int) -> None:
        self._seq, self._ordinal = seq, 0
        self.commands: list[tuple[str, Command]] = []
        self.emitted: list[tuple[str, Event]] = []
        self.outcome: Outcome = "accepted"
        self.reason = ""

    @property
    def events(self) -> list[Event]:
        return [event for _, event in self.emitted]

    @property
    def seq(self) -> int:
        return self._seq

    def id(self) -> str:
        self._ordinal += 1
        return f"{self._seq}-{self._ordinal}"

    def get(self, kind: type[E], key: str) -> E | None:
        return self._table(kind).rows.get(key)

    def find(self, kind: type[E], /, **equal: object) -> Iterator[E]:
        unknown = set(equal) - set(index_of(kind))
        if unknown:
            raise LookupError(f"{kind.__name__} is not indexed by {', '.join(sorted(unknown))}")
        table, key = self._table(kind), None
        while (key := table.after(key)) is not None:
            thing = table.rows[key]
            if all(getattr(thing, field) == value for field, value in equal.items()):
                yield thing

    def save(self, thing: Entity) -> None:
        """Keeps what a database would give back: the record after a trip through its JSON."""
        kind = type(thing)
        self._table(kind).put(thing.key, loads(kind.__name__, dumps(thing)))

    def remove(self, kind: type[E], key: str) -> None:
        self._table(kind).drop(key)

    def command(self, command: Command) -> str:
        made = self.id()
        self.commands.append((made, command))
        return made

    def want(self, state: WantedState) -> None:
        self.save(state)

    def emit(self, event: Event) -> None:
        self.emitted.append((self.id(), event))

    def wake(self, key: str, at: datetime | None) -> None:
        if at is None:
            self.timers.pop(key, None)
        else:
            self.timers[key] = moment(text_of(at))

    def answer(self, outcome: Outcome, reason: str = "") -> None:
        self.outcome, self.reason = outcome, reason

    def _table(self, kind: type) -> Table[Any]:
        return self._tables.setdefault(kind, Table())


def run(rule: Rule, tx: MemoryTx) -> MemoryTx:
    """Decides one observation: the next sequence number, then the rule."""
    tx.begin(tx.seq + 1)
    rule(tx)
    return tx
