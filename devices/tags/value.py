"""What is known of a tag: the value with its quality, and when the device said so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Plain = bool | int | float | str
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
