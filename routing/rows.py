"""One mapping of plain data, read key by key; every mistake is noted and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Final, TypeGuard, cast

from routing.problems import Path, Problems

NAMES: Final = ("id", "code", "u", "v", "nodeId", "edgeId", "stationId", "layoutId")
NO_WORDS: Final[Mapping[str, str]] = {}
LARGEST: Final = 1e9  # metres, millimetres, degrees
FARTHEST_MM: Final = 1_000_000_000  # 1000 km: no sum over a floor comes near routing.weights.SHUT


class Row:
    """Typed values of one mapping. Null is the same as absent.

    A value that is missing or wrong becomes the default, and a sentence in the problems that names
    the row by its place and id.
    """

    __slots__ = ("_around", "_problems", "_row", "path")

    def __init__(
        self,
        path: Path,
        row: Mapping[str, object],
        problems: Problems,
        around: Row | None = None,
    ) -> None:
        self.path, self._row, self._problems, self._around = path, row, problems, around

    @property
    def label(self) -> str:
        """Its own id, else that of the row around it."""
        names = (self._row.get(key) for key in NAMES)
        own = "-".join(str(name) for name in names if name is not None)
        return own or (self._around.label if self._around else "")

    def rows(self, key: str) -> list[Row]:
        """The mappings listed under `key`, none when it is absent; anything else is a problem."""
        found = self._row.get(key)
        if found is None:
            return []
        if not isinstance(found, list | tuple):
            self.says(f"{key} must be a list", key)
            return []
        inside = [self._inside((*self.path, key, i), one) for i, one in enumerate(found)]
        return [row for row in inside if row is not None]

    def inner(self, key: str) -> Row:
        """The mapping under `key`, an empty one when it is absent."""
        found, path = self._row.get(key), (*self.path, key)
        inside = None if found is None else self._inside(path, found)
        return inside or Row(path, {}, self._problems, self)

    def _inside(self, path: Path, found: object) -> Row | None:
        if isinstance(found, Mapping):
            return Row(path, found, self._problems, self)
        self._problems.note(path, self.label, "must be a mapping of keys")
        return None

    def says(self, what: str, key: str | None = None) -> None:
        self._problems.note(self.path, self.label, what, key=key)

    def has(self, key: str) -> bool:
        return self._row.get(key) is not None

    def only(self, allowed: frozenset[str]) -> None:
        """Any other key is a problem: a misspelt one must not become a default in silence."""
        if not self._row.keys() <= allowed:
            for key in self._row:
                if key not in allowed:
                    self.says(f"unknown key {key}{self._problems.hint(key, sorted(allowed))}", key)

    def name(self, key: str) -> str:
        """An id: text, or a whole number read as text; empty when there is none."""
        found = self._row.get(key)
        if type(found) is str and found:
            return found
        if type(found) is int:
            return str(found)
        self.says(f"{key} is missing" if found is None else f"{key} must be an id", key)
        return ""

    def names(self, key: str) -> tuple[str, ...]:
        """Ids, none when the key is absent."""
        found = self._row.get(key)
        listed = found if isinstance(found, list | tuple) else () if found is None else (found,)
        if all(type(name) in (str, int) and name != "" for name in listed):
            return tuple(map(str, listed))
        self.says(f"{key} must be a list of ids", key)
        return ()

    def text(self, key: str, default: str = "") -> str:
        found = self._row.get(key)
        if found is None or isinstance(found, str):
            return found or default
        self.says(f"{key} must be text", key)
        return default

    def numbers(self, key: str) -> list[float]:
        found = self._row.get(key)
        if found is None:
            return []
        if isinstance(found, list | tuple) and all(map(is_number, found)):
            return list(found)
        self.says(f"{key} must be a list of numbers", key)
        return []

    def maps(self, key: str) -> dict[int, str]:
        """A map id for each floor number, which may be written as text."""
        found = self._row.get(key)
        pairs = list(found.items()) if isinstance(found, Mapping) else []
        good = {int(k): v for k, v in pairs if _is_floor(k) and isinstance(v, str) and v}
        if len(good) < len(pairs) or not isinstance(found, Mapping | None):
            self.says(f"{key} must give a map id for each floor number", key)
        return good

    def number(self, key: str) -> float | None:
        found = self._row.get(key)
        return None if found is None else self._number(key, found)

    def whole(self, key: str, default: int | None, least: int) -> int:
        """A whole number; without a default the key must be there."""
        found = self._row.get(key)
        if found is None:
            if default is None:
                self.says(f"{key} is missing", key)
            return least if default is None else default
        if is_number(found) and int(found) == found >= least:
            return int(found)
        self.says(f"{key} must be a whole number of at least {least}", key)
        return least

    def mm(self, key: str, default: int | None = None) -> int:
        """A length: whole millimetres under `key_mm`, metres under `key` or `key_m`."""
        found = self._measured(key, _lengths(key))
        if found is None and default is None:
            self.says(f"{key} is missing", key)
        return found if found is not None else default or 0

    def length(self, key: str) -> int | None:
        """The same, None where none is given."""
        return self._measured(key, _lengths(key))

    def speed(self, key: str) -> int | None:
        """Millimetres per second, None where none is given; metres per second under `key`."""
        found = self._measured(key, _speeds(key))
        if found is not None and found <= 0:
            self.says(f"{key} must be above zero", key)
        return found

    def flag(self, key: str) -> bool:
        found = self._row.get(key)
        if found is None or type(found) is bool:
            return found is True
        self.says(f"{key} must be true or false", key)
        return False

    def choice(
        self, key: str, allowed: Sequence[str], default: str, words: Mapping[str, str] = NO_WORDS
    ) -> str:
        """words: what others call the allowed ones."""
        found = self._row.get(key)
        if found is None:
            return default
        if type(found) is str and (known := words.get(found, found)) in allowed:
            return known
        self._no_choice(key, found, allowed, "one")
        return default

    def choices(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Some of `allowed`, each once; all of them when the key is absent."""
        found = self._row.get(key)
        if found is None:
            return tuple(allowed)
        names: list[str] = list(found) if isinstance(found, list | tuple) else [cast(str, found)]
        wrong = [name for name in names if not (isinstance(name, str) and name in allowed)]
        for name in wrong:
            self._no_choice(key, name, allowed, "some")
        if not wrong and (not names or len(set(names)) < len(names)):
            self.says(f"{key} must be some of {', '.join(allowed)}, each once", key)
        return tuple(allowed) if wrong else tuple(names)

    def _no_choice(self, key: str, found: object, allowed: Collection[str], many: str) -> None:
        near = self._problems.hint(found, allowed)
        self.says(f"{key} {found} is not {many} of {', '.join(allowed)}{near}", key)

    def _measured(self, key: str, units: tuple[str, str, str]) -> int | None:
        """units: the key as such and with the unit of the site, and with a thousandth of it."""
        row, (bare, large, small) = self._row, units
        given = row.get(bare)
        if row.get(large) is None and row.get(small) is None:  # as nearly all are written
            return None if given is None else self._near(bare, self._number(bare, given) * 1000)
        written = [name for name in units if row.get(name) is not None]
        for name in written[1:]:
            self.says(f"{key} is given twice, as {written[0]} and {name}", name)
        number = self._number(written[0], row.get(written[0]))
        if written[0] != small:
            return self._near(written[0], number * 1000)
        if number != int(number):
            self.says(f"{small} must be a whole number", small)
        return self._near(small, number)

    def _near(self, key: str, mm: float) -> int:
        if abs(mm) > FARTHEST_MM:
            self.says(f"{key} is beyond 1000 km", key)
            return 1
        return round(mm)

    def _number(self, key: str, found: object) -> float:
        if is_number(found):
            return found
        self.says(f"{key} must be a number", key)
        return 0


def is_number(found: object) -> TypeGuard[float]:
    """Within what a floor can measure, so that no NaN and no infinity passes."""
    return type(found) in (int, float) and abs(cast(float, found)) < LARGEST


def _is_floor(key: object) -> bool:
    return bool(re.fullmatch(r"-?\d{1,3}", str(key)))


@cache
def _lengths(key: str) -> tuple[str, str, str]:
    return key, f"{key}_m", f"{key}_mm"


@cache
def _speeds(key: str) -> tuple[str, str, str]:
    return key, f"{key}_m_s", f"{key}_mm_s"


def keys(
    *plain: str, lengths: tuple[str, ...] = (), speeds: tuple[str, ...] = ()
) -> frozenset[str]:
    """Every way to write these keys, with their units."""
    units = [*(_lengths(key) for key in lengths), *(_speeds(key) for key in speeds)]
    return frozenset(plain).union(*units)
