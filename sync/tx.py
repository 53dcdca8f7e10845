"""What one rule may touch: the database as it was before, and over it what the rule has changed.

Nothing is written before the rule has returned, so a rule that raises has never been.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zlib import crc32

from sync.entities import Entities
from sync.moments import text_of
from sync.table import Table
from wcs.messages import Command, Event, WantedState, dumps, loads
from wcs.ports import E, Entity, Outcome
from wcs.records import index_of


class Changed:
    """A row that the rule saved: its body, the fields of its index, and the record once asked
    for."""

    __slots__ = ("_kind", "_thing", "body", "fields")

    def __init__(self, thing: Entity) -> None:
        self._kind: type = type(thing)
        self.body = dumps(thing)
        self.fields = tuple(getattr(thing, field) for field in index_of(self._kind))
        self._thing: Any = None

    @property
    def thing(self) -> Any:
        """What the database will give back."""
        if self._thing is None:
            self._thing = loads(self._kind.__name__, self.body)
        return self._thing

    def fits(self, equal: list[tuple[int, object]]) -> bool:
        return all(self.fields[place] == value for place, value in equal)


class SqliteTx:
    """Lives for one observation; all that it caused is here when the rule has returned."""

    def __init__(self, entities: Entities, seq: int) -> None:
        self._entities, self.seq, self._ordinal = entities, seq, 0
        self.at, self.rule = "", ""
        self.changed: dict[type, Table[Changed | None]] = {}
        self.commands: list[tuple[str, Command]] = []
        self.events: list[tuple[str, Event]] = []
        self.timers: dict[str, datetime | None] = {}
        self.effects: list[tuple[str, ...]] = []
        self.outcome: Outcome = "accepted"
        self.reason = ""

    def id(self) -> str:
        self._ordinal += 1
        return f"{self.seq}-{self._ordinal}"

    def get(self, kind: type[E], key: str) -> E | None:
        changed = self.changed.get(kind)
        if changed is None or key not in changed.rows:
            return self._entities.get(kind, key)
        row = changed.rows[key]
        return None if row is None else row.thing

    def find(self, kind: type[E], /, **equal: object) -> Iterator[E]:
        """Each row as it is when it is reached, whatever was saved or removed on the way."""
        unknown = set(equal) - set(index_of(kind))
        if unknown:
            raise LookupError(f"{kind.__name__} is not indexed by {', '.join(sorted(unknown))}")
        stored = self._entities.find(kind, equal)
        places = [(index_of(kind).index(field), value) for field, value in equal.items()]
        ahead = _Ahead(self._changed(kind), places)
        kept, last = next(stored, None), None
        while True:
            while kept is not None and ahead.hides(kept[0]):
                kept = next(stored, None)
            changed = ahead.of(last)
            if kept is not None and (changed is None or kept[0] < changed[0]):
                last, thing = kept
                yield thing
                kept = next(stored, None)
            elif changed is not None:
                last = changed[0]
                yield changed[1].thing
            else:
                return

    def save(self, thing: Entity) -> None:
        row = self._put(thing)
        crc = f"{crc32(row.body.encode()):x}"
        self.effects.append(("save", type(thing).__name__, thing.key, crc))

    def want(self, state: WantedState) -> None:
        row = self._put(state)
        self.effects.append(("want", type(state).__name__, state.key, row.body))

    def remove(self, kind: type[E], key: str) -> None:
        self._changed(kind).put(key, None)
        self.effects.append(("remove", kind.__name__, key))

    def command(self, command: Command) -> str:
        made = self.id()
        self.commands.append((made, command))
        return made

    def emit(self, event: Event) -> None:
        self.events.append((self.id(), event))

    def wake(self, key: str, at: datetime | None) -> None:
        self.timers[key] = at
        self.effects.append(("wake", key, "" if at is None else text_of(at)))

    def answer(self, outcome: Outcome, reason: str = "") -> None:
        self.outcome, self.reason = outcome, reason

    def _put(self, thing: Entity) -> Changed:
        row = Changed(thing)
        self._changed(type(thing)).put(thing.key, row)
        return row

    def _changed(self, kind: type) -> Table[Changed | None]:
        return self.changed.setdefault(kind, Table())


class _Ahead:
    """The next changed row that fits what is asked for; looked for again only when it must be."""

    def __init__(self, changed: Table[Changed | None], equal: list[tuple[int, object]]) -> None:
        self._changed, self._equal = changed, equal
        self._changes = -1
        self._found: tuple[str, Changed] | None = None

    def hides(self, key: str) -> bool:
        """The stored row of this key is not how it is now."""
        return key in self._changed.rows

    def of(self, last: str | None) -> tuple[str, Changed] | None:
        is_passed = self._found is not None and last is not None and self._found[0] <= last
        if is_passed or self._changes != self._changed.changes:
            self._found, self._changes = self._next(last), self._changed.changes
        return self._found

    def _next(self, last: str | None) -> tuple[str, Changed] | None:
        key = self._changed.after(last)
        while key is not None:
            row = self._changed.rows[key]
            if row is not None and row.fits(self._equal):
                return key, row
            key = self._changed.after(key)
        return None
