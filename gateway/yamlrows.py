"""YAML of which most is rows: read as `devices.map.text` reads it, a hundred times as fast.

A long list in a layout is rows such as `- {id: B7, x: 2.0}`, or the same as lines of `key: value`.
Rows of plain names, numbers and simple quotes are read here; whatever else the file holds, and all
that is wrong with it, is left to the strict reader, with a mark in the place of each run of rows.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from devices.map.reading import read
from devices.map.text import MapError, Part, Path, Spot, plain, spot_of

MARK: Final = "rows-read-apart-"
LONG: Final = 100_000  # characters: a second or two of the strict reader
_TRUTH: Final = r"(?:true|false)(?![\w.\-])"
_RESERVED: Final = r"(?!(?i:true|false|null|yes|no)(?![\w.\-]))"
_KEY: Final = rf"{_RESERVED}[A-Za-z_]\w*"
_NUMBER: Final = r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?(?![\w.\-])"
_WORD: Final = rf"{_RESERVED}[A-Za-z][\w.\-]*|\d+-[\w.\-]+"
_QUOTED: Final = r"\"[^\"\\\n]*\"|'[^'\n]*'"
_LIST: Final = rf"\[(?:(?:{_WORD})(?:, (?:{_WORD}))*)?\]"
_PAIR: Final = rf"(?:{_KEY}|\"{_KEY}\"): (?:{_NUMBER}|{_WORD}|{_TRUTH}|{_QUOTED}|{_LIST})"
_END: Final = r"(?: +#[^\n]*| *)(?:\n|\Z)"
_ROW: Final = re.compile(
    rf"( *)- (?:\{{ ?{_PAIR}(?:, {_PAIR})* ?\}}{_END}|{_PAIR}{_END}(?:\1  {_PAIR}{_END})*)",
    re.ASCII,
)
_PAIRS: Final = re.compile(
    rf"(\"?)({_KEY})\1: (?:({_NUMBER})|({_WORD})|({_TRUTH})|({_QUOTED})|({_LIST}))|#[^\n]*",
    re.ASCII,
)
_SECTION: Final = re.compile(r"^(nodes|edges|locations): *(?:#[^\n]*)?\n", re.MULTILINE)
_LINE: Final = re.compile(r"( *)([^\n]*)(?:\n|\Z)")
_UNUSUAL: Final = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")


Row = tuple[int, dict[str, Any]]  # where it begins in the text, and what it says


@dataclass(slots=True)
class Run:
    """Rows that follow each other in one list. end: where what follows them begins in the text."""

    section: str
    rows: list[Row] = field(default_factory=list)
    end: int = 0


class Written:
    """A YAML file as plain data, and where everything in it stands.

    data: as far as it could be read, None if not at all; errors: what is wrong with the writing.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text, self._file = text, file
        self._runs = [] if MARK in text or _UNUSUAL.search(text) else list(_runs(text))
        short = _parted(text, file, self._runs, "")
        parted = self._standing if short.errors or not short.whole else short
        self.data, self.errors = parted.data(), parted.errors

    @cached_property
    def _standing(self) -> "Parted":
        """Read with every line where it stands.

        Where the file is no YAML at all, what is read apart may move the first thing that is wrong
        (a quote that is never closed), so a short file is read whole.
        """
        parted = _parted(self._text, self._file, self._runs, "\n")
        if parted.whole and (parted.tree or len(self._text) > LONG):
            return parted
        return _parted(self._text, self._file, [], "\n")

    def spot(self, path: Path) -> Spot:
        """Of the key or the item at that path; of what is around it where there is no such one."""
        tree, inside = self._standing.tree, []
        if tree is None:
            return Spot(self._file, 1, 1)
        if len(path) > 1 and isinstance(path[1], int):
            inside = self._standing.items.get(str(path[0]), [])[path[1] : path[1] + 1]
        for item in inside:
            if isinstance(item, Part):
                return spot_of(item, path[2:], key=True)
            return self._in_row(item[0], path[2] if len(path) > 2 else None)
        return spot_of(tree, path, key=True)

    def _in_row(self, start: int, key: object) -> Spot:
        row = _ROW.match(self._text, start)
        assert row is not None
        pairs = (pair.start() for pair in _PAIRS.finditer(row[0]) if pair[2] and pair[2] == key)
        at = start + next(pairs, len(row[1]) + 2)
        line = self._text.count("\n", 0, at) + 1
        return Spot(self._file, line, at - self._text.rfind("\n", 0, at))


@dataclass(frozen=True, slots=True)
class Parted:
    """A text of which runs of rows were read apart.

    items: of each list with such rows; whole: whether every run found its place in them again.
    """

    tree: Part | None
    errors: list[MapError]
    items: dict[str, list[Part | Row]]
    whole: bool

    def data(self) -> Any:
        if self.tree is None:
            return None
        read_apart = {
            section: [plain(one) if isinstance(one, Part) else one[1] for one in inside]
            for section, inside in self.items.items()
        }
        return {**plain(self.tree), **read_apart} if read_apart else plain(self.tree)


def _parted(text: str, file: str, runs: list[Run], for_each_line: str) -> Parted:
    tree, errors = read(_without(text, runs, for_each_line), file)
    left = {f"{MARK}{number}": run for number, run in enumerate(runs)}
    items: dict[str, list[Part | Row]] = {run.section: [] for run in runs if tree}
    for section, inside in items.items():
        part = tree.get(section) if tree else None
        for one in part.value if part and isinstance(part.value, list) else ():
            run = left.pop(one.value, None) if isinstance(one.value, str) else None
            inside += run.rows if run and run.section == section else [one]
    errors = [_moved(error, tree, items) for error in errors] if tree else errors
    return Parted(tree, errors, items, whole=tree is None or not left)


def _runs(text: str) -> Iterator[Run]:
    for header in _SECTION.finditer(text):
        yield from _runs_of(text, header.end(), header[1])


def _runs_of(text: str, at: int, section: str) -> list[Run]:
    """Every run of rows in the list that begins at this offset."""
    runs, run = list[Run](), Run(section)
    indent: str | None = None
    while at < len(text):
        row = _ROW.match(text, at)
        values = _values(row[0]) if row and indent in (None, row[1]) else None
        if row and values is not None:
            indent = row[1]
            run.rows.append((at, values))
            at = run.end = row.end()
            continue
        line = _LINE.match(text, at)
        assert line is not None
        if line[2] and not line[2].startswith("#"):
            indent = line[1] if indent is None else indent
            deeper = len(line[1]) > len(indent)
            if not deeper and line[2] != "-" and not line[2].startswith("- "):
                break  # the next key of the file, or what only the strict reader understands
            if deeper and run.rows:  # the last row is more than pairs
                run.end, _ = run.rows.pop()
            runs, run = [*runs, run], Run(section)
        at = line.end()
    return [run for run in (*runs, run) if run.rows]


def _values(row: str) -> dict[str, Any] | None:
    """None when a key is there twice: the strict reader will say so."""
    values: dict[str, Any] = {}
    pairs = _PAIRS.findall(row)
    for _, key, number, word, truth, quoted, listed in pairs:
        if number:
            values[key] = float(number) if "." in number else int(number)
        elif word:
            values[key] = word
        elif quoted:
            values[key] = quoted[1:-1]
        elif truth:
            values[key] = truth == "true"
        elif key:
            values[key] = [name for name in listed[1:-1].split(", ") if name]
    comments = 0 if len(values) == len(pairs) else sum(not pair[1] for pair in pairs)
    return values if len(values) == len(pairs) - comments else None


def _without(text: str, runs: list[Run], for_each_line: str) -> str:
    """The text with a mark for each run."""
    pieces, at = list[str](), 0
    for number, run in enumerate(runs):
        start = run.rows[0][0]
        indent = text[start : text.index("-", start)]
        lines = for_each_line * (text.count("\n", start, run.end) - 1)
        pieces += [text[at:start], f"{indent}- {MARK}{number}\n{lines}"]
        at = run.end
    return "".join([*pieces, text[at:]])


def _moved(error: MapError, tree: Part, items: dict[str, list[Part | Row]]) -> MapError:
    """With the item's number among all items, not only among those left to the strict reader."""
    section, *steps = error.path or ("",)
    if section not in items or not steps:
        return error
    part = tree.value[section].value[steps[0]]
    number = next(i for i, one in enumerate(items[str(section)]) if one is part)
    return replace(error, path=(section, number, *steps[1:]))
