"""The one shape of everything that is stored or sent: a frozen, flat, keyword-only record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def entity(*index: str) -> Callable[[type[T]], type[T]]:
    """A record with a `key: str` that rules keep; `index` names the fields that `Tx.find` may
    ask for."""

    def make(cls: type[T]) -> type[T]:
        made: Any = record(cls)
        made.INDEX = index
        return made  # type: ignore[no-any-return]

    return make


def index_of(kind: type) -> tuple[str, ...]:
    """The fields of an entity that may be asked for."""
    return kind.INDEX  # type: ignore[attr-defined,no-any-return]
