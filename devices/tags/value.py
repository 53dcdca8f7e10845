"""What is known of a tag: the value with its quality, and when the device said so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal

Scalar = bool | int | float | str
Plain = Scalar | tuple[Scalar, ...]
"""Several: the elements of an array, or the names of the bits that are set."""
Quality = Literal["good", "stale", "bad"]


@dataclass(frozen=True, slots=True)
class Value:
    """`value` None was never read. `at` is the gateway clock's UTC of the response; `raw` the words
    as they came."""

    value: Plain | None
    at: datetime
    unit: str = ""
    quality: Quality = "good"
    reason: str = ""
    """Why it is not good, in words for a person."""
    raw: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One answered poll of a block, as columns in one order: what telemetry is made of."""

    at: datetime
    """When the answer came."""
    poll: str
    """The poll class of the map."""
    names: tuple[str, ...]
    values: Sequence[Plain | None]
    """None for what cannot be read."""
    why: Mapping[str, str]
    """Tag -> why it cannot be read."""
    words: Callable[[], tuple[tuple[int, ...], ...]]
    row: Callable[[], tuple[int, ...]] | None = None
    """Makes the words of all tags in one row, where that is cheaper."""

    @property
    def raw(self) -> tuple[tuple[int, ...], ...]:
        """The words of each tag as they came; made when asked for."""
        return self.words()

    @property
    def flat(self) -> tuple[int, ...]:
        """The same in one row."""
        return self.row() if self.row else tuple(chain.from_iterable(self.words()))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write that was not sent, for the audit."""

    values: Mapping[str, Plain]
    reason: str
