"""The in-memory twin of the store's Tx: what rules are tested on, held to the same contract as
SQLite."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from wcs.messages import Command, Event, WantedState
from wcs.ports import E, Entity, Outcome, Rule
from wcs.records import index_of


class MemoryTx:
    """All state in dictionaries. `begin(seq)` opens the next observation; what it caused is in
    the lists."""

    def __init__(self) -> None:
        self._tables: dict[type, dict[str, Any]] = {}
        self.timers: dict[str, datetime] = {}
        self.begin(0)

    def begin(self, seq: int) -> None:
        self._seq, self._ordinal = seq, 0
        self.commands: list[tuple[str, Command]] = []
        self.events: list[Event] = []
        self.outcome: Outcome = "accepted"
        self.reason = ""

    @property
    def seq(self) -> int:
        return self._seq

    def id(self) -> str:
        self._ordinal += 1
        return f"{self._seq}-{self._ordinal}"

    def get(self, kind: type[E], key: str) -> E | None:
        return self._tables.get(kind, {}).get(key)

    def find(self, kind: type[E], **equal: object) -> Iterator[E]:
        unknown = set(equal) - set(index_of(kind))
        if unknown:
            raise LookupError(f"{kind.__name__} is not indexed by {', '.join(sorted(unknown))}")
        table = self._tables.get(kind, {})
        for key in sorted(table):
            thing = table.get(key)
            if thing is not None and all(getattr(thing, f) == v for f, v in equal.items()):
                yield thing

    def save(self, thing: Entity) -> None:
        self._tables.setdefault(type(thing), {})[thing.key] = thing

    def remove(self, kind: type[E], key: str) -> None:
        self._tables.get(kind, {}).pop(key, None)

    def command(self, command: Command) -> str:
        made = self.id()
        self.commands.append((made, command))
        return made

    def want(self, state: WantedState) -> None:
        self.save(state)

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def wake(self, key: str, at: datetime | None) -> None:
        if at is None:
            self.timers.pop(key, None)
        else:
            self.timers[key] = at

    def answer(self, outcome: Outcome, reason: str = "") -> None:
        self.outcome, self.reason = outcome, reason


def run(rule: Rule, tx: MemoryTx) -> MemoryTx:
    """Decides one observation: the next sequence number, then the rule."""
    tx.begin(tx.seq + 1)
    rule(tx)
    return tx
