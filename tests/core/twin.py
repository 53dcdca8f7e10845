"""The transactor's promises kept in memory: what SQLite and replay must equal."""

from copy import deepcopy
from typing import Any

from sync.memory import MemoryTx
from wcs.envelope import Seen
from wcs.observations import Due, Observation
from wcs.ports import Decide, E


class Twin:
    """The transactor's promises kept in memory, in a dozen lines: what SQLite must equal."""

    def __init__(self, decide: Decide) -> None:
        self._decide, self._tx = decide, MemoryTx()
        self._known: dict[str, tuple[str, str, int]] = {}

    def decide(self, one: Seen) -> tuple[Any, ...]:
        if one.key in self._known:
            return (*self._known[one.key], True, [], [])
        before = deepcopy(self._tx)
        self._tx.begin(self._tx.seq + 1)
        try:
            if self._takes(one.observation):
                self._decide(one.observation)(self._tx)
            else:
                self._tx.answer("refused", "the timer was set anew or ended")
        except Exception as err:
            before.begin(self._tx.seq)
            self._tx = before
            self._takes(one.observation)
            answer = ("quarantined", f"{type(err).__name__}: {err}", self._tx.seq)
        else:
            answer = (self._tx.outcome, self._tx.reason, self._tx.seq)
        if one.key is not None:
            self._known[one.key] = answer
        return (*answer, False, self._tx.commands, self._tx.emitted)

    def _takes(self, observation: Observation) -> bool:
        if not isinstance(observation, Due):
            return True
        at = self._tx.timers.get(observation.key)
        return (
            at is not None and at <= observation.at and bool(self._tx.timers.pop(observation.key))
        )

    def all(self, kind: type[E]) -> list[E]:
        return list(self._tx.find(kind))

    def timers(self) -> dict[str, str]:
        return {key: at.isoformat() for key, at in self._tx.timers.items()}
