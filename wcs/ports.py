"""What a rule may touch. One Tx is one observation's part of a transaction: all of it happens,
or none."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from wcs.messages import Command, Event, WantedState


class Entity(Protocol):
    """Made with `wcs.records.entity`; `wcs.records.index_of` names what `find` may ask for."""

    @property
    def key(self) -> str: ...


E = TypeVar("E", bound=Entity)
Outcome = Literal["accepted", "refused"]


class Tx(Protocol):
    @property
    def seq(self) -> int:
        """Sequence number of the observation being decided."""

    def id(self) -> str:
        """A new identity, `sequence-ordinal`: the same again when the journal is replayed."""

    def get(self, kind: type[E], key: str) -> E | None: ...

    def find(self, kind: type[E], /, **equal: object) -> Iterator[E]:
        """Rows in key order, lazily; `equal` names at most fields of its index."""

    def save(self, thing: Entity) -> None: ...

    def remove(self, kind: type[E], key: str) -> None:
        """Nothing happens when it is not there. A wanted state is withdrawn so."""

    def command(self, command: Command) -> str:
        """Posted after the commit; perishes at `command.before`. Returns its id."""

    def want(self, state: WantedState) -> None:
        """Kept and re-asserted by rules until removed; the command that asks for it is posted
        separately."""

    def emit(self, event: Event) -> None: ...

    def wake(self, key: str, at: datetime | None) -> None:
        """Comes back as `Due(key, at)`; a later call replaces an earlier one of the same key,
        None ends it."""

    def answer(self, outcome: Outcome, reason: str = "") -> None:
        """What whoever observed is told; accepted without a reason unless a rule says otherwise."""


Rule = Callable[[Tx], None]
Decide = Callable[[Any], Rule]
"""Observation -> the rule for it, a `functools.partial` whose `func` names it for the journal."""
