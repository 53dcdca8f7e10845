"""JSON as plain data, and where everything in it stands, found only when somebody asks."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from devices.map.text import MapError, Part, Path, Spot, spot_of

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class WrittenJson:
    """One JSON text.

    data: None if it cannot be read; errors: what is wrong with the writing, keys given twice, too.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file, self._doubled = text, file, False
        self.data: Any = None
        self.errors: list[MapError] = []
        try:
            self.data = json.loads(text, object_pairs_hook=self._object)
        except json.JSONDecodeError as err:
            self._wrong(Spot(file, err.lineno, err.colno), (), f"not JSON: {err.msg}")
        except RecursionError:
            self._wrong(Spot(file, 1, 1), (), "nested too deeply")
        except ValueError as err:  # a number of more digits than Python converts
            self._wrong(Spot(file, 1, 1), (), f"not JSON: {err}")
        if self._doubled and self.data is not None:
            self.errors += self._parted.doubles

    def spot(self, path: Path) -> Spot:
        """Of the key or the item at that path; of what is around it where there is no such one."""
        if self.data is None:
            return Spot(self._file, 1, 1)
        return spot_of(self._parted.tree, path, key=True)

    @cached_property
    def _parted(self) -> "_Parted":
        return _Parted(self._text, self._file)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        self._doubled |= len(made) < len(pairs)
        return made

    def _wrong(self, spot: Spot, path: Path, reason: str) -> None:
        self.errors.append(MapError(spot, path, reason))


class _Parted:
    """A JSON text, known to be one, as parts with their spots; the values are known already."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._tokens: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self.doubles: list[MapError] = []
        self.tree = self._part(next(self._tokens), ())

    def _part(self, token: re.Match[str], path: Path) -> Part:
        match token[0]:
            case "{":
                return self._object(self._spot(token), path)
            case "[":
                return self._array(self._spot(token), path)
            case _:
                return Part(self._spot(token), None, {})

    def _object(self, spot: Spot, path: Path) -> Part:
        made = Part(spot, {}, {})
        for token in self._members("}"):
            key, at = _text(token[0]), self._spot(token)
            next(self._tokens)  # the colon
            one = self._part(next(self._tokens), (*path, key))
            if key in made.value:
                told = f"duplicate key (the first is in line {made.keys[key].line})"
                self.doubles.append(MapError(at, (*path, key), told))
            made.value.setdefault(key, one)
            made.keys.setdefault(key, at)
        return made

    def _array(self, spot: Spot, path: Path) -> Part:
        made = Part(spot, [], {})
        for token in self._members("]"):
            made.value.append(self._part(token, (*path, len(made.value))))
        return made

    def _members(self, end: str) -> Iterator[re.Match[str]]:
        """The first token of each member; whoever takes it takes the rest of the member."""
        for token in self._tokens:
            if token[0] == end:
                return
            if token[0] != ",":
                yield token

    def _spot(self, token: re.Match[str]) -> Spot:
        line = bisect_right(self._lines, token.start())
        return Spot(self._file, line, token.start() - self._lines[line - 1] + 1)


def _text(token: str) -> str:
    text: str = json.loads(token) if "\\" in token else token[1:-1]
    return text
