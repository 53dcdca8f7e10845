"""YAML 1.2 as a tree that remembers where everything stands, with the traps of YAML as errors."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Key = str | int
Path = tuple[Key, ...]


class Spot(NamedTuple):
    file: str
    line: int
    col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class MapError:
    spot: Spot
    path: Path
    reason: str

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{self.spot}: {where}: {self.reason}" if where else f"{self.spot}: {self.reason}"


@dataclass(slots=True)
class Part:
    """A value of the file: a scalar, a list of parts, or a dict of parts; keys have their own
    spots."""

    spot: Spot
    value: Any
    keys: dict[Key, Spot]

    def items(self) -> Iterator[tuple[Key, "Part"]]:
        return iter(self.value.items()) if isinstance(self.value, dict) else iter(())

    def get(self, key: Key) -> "Part | None":
        return self.value.get(key) if isinstance(self.value, dict) else None

    def step(self, step: Key) -> "Part | None":
        """What is inside under that name or number; `1` and `"1"` are the same name."""
        if isinstance(self.value, dict):
            return next((one for key, one in self.value.items() if str(key) == str(step)), None)
        inside = isinstance(self.value, list) and isinstance(step, int) and step < len(self.value)
        return self.value[step] if inside else None

    def having(self, key: Key, one: "Part") -> "Part":
        return Part(self.spot, {**self.value, key: one}, {**self.keys, key: one.spot})

    def without(self, *keys: Key) -> "Part":
        rest = {key: one for key, one in self.value.items() if key not in keys}
        return Part(self.spot, rest, self.keys)

    def over(self, under: Mapping[Key, "Part"]) -> "Part":
        """Itself, with what it does not say taken from `under`."""
        return Part(self.spot, {**under, **self.value}, self.keys)


def part(value: Any, spot: Spot) -> Part:
    """Plain data as parts that all stand at one spot."""
    if isinstance(value, Mapping):
        inside = {key: part(one, spot) for key, one in value.items()}
        return Part(spot, inside, dict.fromkeys(inside, spot))
    if isinstance(value, (list, tuple)):
        return Part(spot, [part(one, spot) for one in value], {})
    return Part(spot, value, {})


def plain(tree: Part) -> Any:
    if isinstance(tree.value, dict):
        return {key: plain(one) for key, one in tree.value.items()}
    if isinstance(tree.value, list):
        return [plain(one) for one in tree.value]
    return tree.value


def spot_of(tree: Part, path: Iterable[Key], *, key: bool = False) -> Spot:
    """Where the value at that path stands, or its key; as near as the file comes to it."""
    spot = tree.spot
    for step in path:
        inside = tree.step(step)
        if inside is None:
            break
        named = next((at for name, at in tree.keys.items() if str(name) == str(step)), inside.spot)
        spot, tree = named if key else inside.spot, inside
    return spot


_YES_NO: Final = re.compile(r"yes|no", re.IGNORECASE)
_ZERO_LED: Final = re.compile(r"[-+]?0\d[\d_]*")
_TAG: Final = "tag:yaml.org,2002:"


def read_file(file: FilePath) -> tuple[Part | None, list[MapError]]:
    """`read` of what a file holds. Raises OSError."""
    try:
        return read(file.read_text("utf-8"), str(file))
    except UnicodeDecodeError as err:
        reason = f"not text in UTF-8: {err.reason} at byte {err.start}"
        return None, [MapError(Spot(str(file), 1, 1), (), reason)]


def read(text: str, file: str) -> tuple[Part | None, list[MapError]]:
    """The tree, as far as it can be read, and everything that is wrong with the writing."""
    tabs = [
        MapError(Spot(file, number, line.index("\t") + 1), (), "a tab: use spaces")
        for number, line in enumerate(text.splitlines(), 1)
        if "\t" in line
    ]
    if tabs:
        return None, tabs
    try:
        node = YAML(pure=True).compose(text)
    except MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        spot = Spot(file, mark.line + 1, mark.column + 1) if mark else Spot(file, 1, 1)
        return None, [MapError(spot, (), f"not YAML: {err.problem or err.context}")]
    except YAMLError as err:
        return None, [MapError(Spot(file, 1, 1), (), f"not YAML: {err}")]
    if node is None:
        return None, [MapError(Spot(file, 1, 1), (), "the file is empty")]
    reader = _Reader(file)
    return reader.part(node, ()), reader.errors


class _Reader:
    def __init__(self, file: str) -> None:
        self.errors: list[MapError] = []
        self._file, self._seen = file, set[int]()

    def part(self, node: Node, path: Path) -> Part:
        spot = Spot(self._file, node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self._seen:
            self._wrong(spot, path, "anchors and aliases are not used here; write a template")
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
        for key_node, value_node in node.value:
            at = Spot(self._file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                self._wrong(at, path, "a key must be a name or a number")
                continue
            key = self._scalar(key_node, path, at)
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                key = str(key_node.value)
            if key in inside:
                first = keys[key].line
                self._wrong(at, (*path, key), f"duplicate key (the first is in line {first})")
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
        return _resolved(str(node.tag).removeprefix(_TAG), text)

    def _wrong(self, spot: Spot, path: Path, reason: str) -> None:
        self.errors.append(MapError(spot, path, reason))


def _resolved(tag: str, text: str) -> Any:
    digits = text.replace("_", "")
    if tag == "int":
        return int(digits, 0)
    if tag == "float":
        return float(re.sub(r"\.(inf|nan)", r"\1", digits.lower()))
    if tag == "bool":
        return text.lower() == "true"
    return None if tag == "null" else text
