"""One mapping of plain data, read key by key; every mistake is noted and reading goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping


def rows_of(data: Mapping[str, object], key: str, problems: list[str]) -> list[Row]:
    """The mappings listed under `key`, none when it is absent; anything else is a problem."""
    found = data.get(key)
    if found is not None and not isinstance(found, list | tuple):
        problems.append(f"{key} must be a list")
        return []
    rows = []
    for i, row in enumerate(found or ()):
        if isinstance(row, Mapping):
            rows.append(Row(f"{key}[{i}]", row, problems))
        else:
            problems.append(f"{key}[{i}] must be a mapping")
    return rows


class Row:
    """Takes typed values out of one mapping; `end` reports the keys that nobody took.

    A value that is missing or wrong becomes the default, and a sentence in `problems` that names
    the row by its place and id.
    """

    def __init__(self, place: str, row: Mapping[object, object], problems: list[str]) -> None:
        self._left, self._problems = dict(row), problems
        names = [str(row[key]) for key in ("id", "code", "u", "v") if key in row]
        self._place = f"{place} {'-'.join(names)}".rstrip()

    def says(self, problem: str) -> None:
        self._problems.append(f"{self._place}: {problem}")

    def end(self) -> None:
        for key in self._left:
            self.says(f"unknown key {key}")

    def name(self, key: str) -> str:
        """An id: text, or a whole number read as text; empty when there is none."""
        found = self._left.pop(key, "")
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            return str(found)
        self.says(f"{key} is missing or not an id")
        return ""

    def number(self, key: str, default: float) -> float:
        return self._number(key, default) if key in self._left else default

    def whole(self, key: str, default: int | None, least: int) -> int:
        """A whole number; without a default the key must be there."""
        if key not in self._left and default is not None:
            return default
        if key not in self._left:
            self.says(f"{key} is missing")
            return least
        found = self._number(key, least)
        if found == int(found) >= least:
            return int(found)
        self.says(f"{key} must be a whole number of at least {least}")
        return least

    def mm(self, key: str, default: int | None = None) -> int:
        """A length: whole millimetres under `key_mm`, metres under `key` or `key_m`."""
        given = [(name, unit) for name, unit in _units(key) if name in self._left]
        lengths = [self._number(name, 0) * unit for name, unit in given]
        if len(given) > 1:
            self.says(f"{key} is given twice")
        elif not given and default is None:
            self.says(f"{key}_mm is missing")
        elif given == [(f"{key}_mm", 1)] and lengths[0] != int(lengths[0]):
            self.says(f"{key}_mm must be a whole number")
        return round(lengths[0]) if lengths else default or 0

    def speed(self, key: str) -> int | None:
        """Millimetres per second, None where none is given; metres per second under `key`."""
        given = [(name, unit) for name, unit in _speeds(key) if name in self._left]
        speeds = [round(self._number(name, 1) * unit) for name, unit in given]
        if len(given) > 1:
            self.says(f"{key} is given twice")
        elif speeds and speeds[0] <= 0:
            self.says(f"{key} must be above zero")
        return speeds[0] if speeds else None

    def flag(self, key: str) -> bool:
        found = self._left.pop(key, False)
        if not isinstance(found, bool):
            self.says(f"{key} must be true or false")
        return found is True

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        found = self._left.pop(key, default)
        if isinstance(found, str) and found in allowed:
            return found
        self.says(f"{key} must be one of {', '.join(allowed)}")
        return default

    def choices(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """Some of `allowed`, each once; all of them when the key is absent."""
        found = self._left.pop(key, allowed)
        names = tuple(found) if isinstance(found, list | tuple) else (found,)
        if set(names) <= set(allowed) and len(set(names)) == len(names):
            return names
        self.says(f"{key} must be some of {', '.join(allowed)}")
        return allowed

    def _number(self, key: str, default: float) -> float:
        found = self._left.pop(key)
        if isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found):
            return found
        self.says(f"{key} must be a number")
        return default


def _units(key: str) -> tuple[tuple[str, int], ...]:
    return ((f"{key}_mm", 1), (key, 1000), (f"{key}_m", 1000))


def _speeds(key: str) -> tuple[tuple[str, int], ...]:
    return ((f"{key}_mm_s", 1), (key, 1000), (f"{key}_m_s", 1000))
