"""A file as a tree that remembers where everything stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

Key = str | int
Path = tuple[Key, ...]


UNREADABLE: Final = "DM100"
"""A mistake of writing: what was written cannot be taken for what it should be."""
LONGEST_LINE: Final = 500
"""Of a message to a person."""


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
    code: str = UNREADABLE

    def __str__(self) -> str:
        return f"{self.spot}: {self.text}"

    @property
    def text(self) -> str:
        """Path and reason in one printable line."""
        where = ".".join(map(str, self.path))
        told = f"{where}: {self.reason}" if where else self.reason
        shown = "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in told)
        return shown if len(shown) <= LONGEST_LINE else f"{shown[:LONGEST_LINE]} ..."


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
