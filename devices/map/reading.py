"""YAML 1.2 read node by node, with the traps of YAML as errors; whatever the bytes, the answer is
words."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from devices.map.text import Key, MapError, Part, Path, Spot

_YES_NO: Final = re.compile(r"yes|no", re.IGNORECASE)
_ZERO_LED: Final = re.compile(r"[-+]?0\d[\d_]*")
_EXPONENT: Final = re.compile(r"\d+[eE]\d+")
"""`8E1`, the format of a serial line, is 80 otherwise."""
_TAG: Final = "tag:yaml.org,2002:"
_KNOWN_TAGS: Final = ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp",
                      "value")  # fmt: skip
_DIRECTIVE: Final = re.compile(r"%[A-Z]+\b.*")
LARGEST: Final = 4_000_000
"""Characters of a file; maps of a thousand devices are smaller."""
DEEPEST: Final = 40
"""Levels of blocks and lists in each other."""
WIDEST: Final = 1 << 63


def read_file(file: FilePath) -> tuple[Part | None, list[MapError]]:
    """`read` of what a file holds. Raises OSError."""
    data = file.read_bytes()
    try:
        return read(data.decode("utf-8-sig"), str(file))
    except UnicodeDecodeError as err:
        before = data[: err.start]
        line, col = before.count(b"\n") + 1, err.start - before.rfind(b"\n")
        reason = f"not text in UTF-8: {err.reason}"
        return None, [MapError(Spot(str(file), line, col), (), reason)]


def read(text: str, file: str) -> tuple[Part | None, list[MapError]]:
    """The tree, as far as it can be read, and everything that is wrong with the writing."""
    wrong = list(_unwanted(text, file))
    if wrong:
        return None, wrong
    try:
        with warnings.catch_warnings(action="ignore"):  # an anchor defined twice: said by us
            node = YAML(pure=True).compose(text)
    except MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        spot = Spot(file, mark.line + 1, mark.column + 1) if mark else Spot(file, 1, 1)
        begun = f"{err.context}, " if err.context and str(err.problem).startswith("but") else ""
        return None, [MapError(spot, (), f"not YAML: {begun}{err.problem or err.context}")]
    except ReaderError as err:
        reason = f"a character that YAML does not allow: U+{ord(text[err.position]):04X}"
        return None, [MapError(_spot_at(text, err.position, file), (), reason)]
    except RecursionError:
        return None, [MapError(Spot(file, 1, 1), (), TOO_DEEP)]
    except (YAMLError, ValueError) as err:
        return None, [MapError(Spot(file, 1, 1), (), f"not YAML: {err}")]
    if node is None:
        return None, [MapError(Spot(file, 1, 1), (), "the file is empty")]
    reader = _Reader(file)
    tree = reader.part(node, ())
    aliases = _aliases(text, file) if reader.is_shared else []
    return tree, sorted([*reader.errors, *aliases], key=lambda one: one.spot)


def _aliases(text: str, file: str) -> list[MapError]:
    """Where they stand: composed, an alias is its anchor."""
    told = "anchors and aliases are not used here; write a template"
    marks = [one.start_mark for one in YAML(pure=True).parse(text) if isinstance(one, AliasEvent)]
    return [MapError(Spot(file, mark.line + 1, mark.column + 1), (), told) for mark in marks]


TOO_DEEP: Final = f"more than {DEEPEST} levels in each other"


def _unwanted(text: str, file: str) -> Iterator[MapError]:
    if len(text) > LARGEST:
        yield MapError(Spot(file, 1, 1), (), f"more than {LARGEST:,} characters")
        return
    if (place := _deep(text)) is not None:
        yield MapError(_spot_at(text, place, file), (), TOO_DEEP)
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield MapError(Spot(file, number, line.index("\t") + 1), (), "a tab: use spaces")
        if _DIRECTIVE.match(line):
            told = "directives are not used here: a map is YAML 1.2"
            yield MapError(Spot(file, number, 1), (), told)


_BRACKETS: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[\[{]|[\]}]')


def _deep(text: str) -> int | None:
    """Where brackets are too deep in each other: the library needs minutes for a thousand."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEEPEST:
            return found.start()
    return None


def _spot_at(text: str, position: int, file: str) -> Spot:
    before = text[:position]
    return Spot(file, before.count("\n") + 1, position - before.rfind("\n"))


class _Reader:
    def __init__(self, file: str) -> None:
        self.errors: list[MapError] = []
        self._file, self._seen = file, set[int]()
        self.is_shared = False

    def part(self, node: Node, path: Path) -> Part:
        spot = Spot(self._file, node.start_mark.line + 1, node.start_mark.column + 1)
        if len(path) > DEEPEST:
            self._wrong(spot, path[:3], TOO_DEEP)
            return Part(spot, None, {})
        tag = str(node.tag)
        if tag.removeprefix(_TAG) not in _KNOWN_TAGS:
            self._wrong(spot, path, f"tags of YAML are not used here: {tag}")
        if id(node) in self._seen:
            self.is_shared = True
            return Part(spot, None, {})
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path, spot)
        if isinstance(node, SequenceNode):
            inside = [self.part(one, (*path, at)) for at, one in enumerate(node.value)]
            return Part(spot, inside, {})
        assert isinstance(node, ScalarNode)
        return Part(spot, self._scalar(node, path, spot), {})

    def _mapping(self, node: MappingNode, path: Path, spot: Spot) -> Part:
        inside: dict[Key, Part] = {}
        keys: dict[Key, Spot] = {}
        spots: dict[str, Spot] = {}
        for key_node, value_node in node.value:
            at = Spot(self._file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                self._wrong(at, path, "a key must be a name or a number")
                continue
            key = self._scalar(key_node, path, at)
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                key = str(key_node.value)
            first = spots.setdefault(str(key), at)  # `1` and `"1"` are one name
            if first is not at:
                told = f"duplicate key (the first is in line {first.line})"
                self._wrong(at, (*path, key), told)
                continue
            keys[key] = at
            inside[key] = self.part(value_node, (*path, key))
        return Part(spot, inside, keys)

    def _scalar(self, node: ScalarNode, path: Path, spot: Spot) -> Any:
        text = str(node.value)
        if node.style is not None:  # quoted or block: text as it stands
            return text
        if _YES_NO.fullmatch(text):
            self._wrong(spot, path, f"`{text}` is text here: write true or false, or quote it")
        if _ZERO_LED.fullmatch(text):
            self._wrong(spot, path, f"`{text}` has a leading zero: quote it, or drop the zero")
            return text
        if _EXPONENT.fullmatch(text):
            self._wrong(spot, path, f"`{text}` is a number to YAML: quote it, or write its digits")
            return text
        value = _resolved(str(node.tag).removeprefix(_TAG), text)
        if isinstance(value, int) and not -WIDEST <= value < 2 * WIDEST:
            self._wrong(spot, path, "a number of more than 64 bits")
            return 0
        return value

    def _wrong(self, spot: Spot, path: Path, reason: str) -> None:
        self.errors.append(MapError(spot, path, reason))


def _resolved(tag: str, text: str) -> Any:
    digits = text.replace("_", "")
    if tag == "int":
        return _integer(digits, text)
    if tag == "float":
        return _float(re.sub(r"\.(inf|nan)", r"\1", digits.lower()), text)
    if tag == "bool":
        return text.lower() == "true"
    return None if tag == "null" else text


def _integer(digits: str, text: str) -> int | str:
    """What only looks like a number (`-_`) is text."""
    if len(digits) > LONGEST_NUMBER:
        return 4 * WIDEST
    try:
        return int(digits, 0)
    except ValueError:
        return text


def _float(digits: str, text: str) -> float | str:
    try:
        return float(digits)
    except ValueError:
        return text


LONGEST_NUMBER: Final = 80
