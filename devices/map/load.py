"""Reads a device map: every mistake of one run with its place, or the map with all names
resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from devices.map import schema
from devices.map.expand import Expander, inheriting
from devices.map.explain import explain, hint, unknown
from devices.map.reading import read_file
from devices.map.text import UNREADABLE, MapError, Part, Path, Spot, part, plain
from devices.map.units import CLASSES

__all__ = ["Draft", "MapError", "MapErrors", "load_map", "read_map", "understood"]

FILE: Final = "devices.yaml"
FOLLOWING: Final = (
    "bool_type", "int_type", "float_type", "string_type", "literal_error", "value_error",
    "model_type", "tuple_type", "dict_type", "is_instance_of",
)  # fmt: skip
"""What pydantic finds wrong with a value of which something was said already."""
_SECTIONS: Final = ("devicemap", "site", "defaults", "connections", "templates", "devices")
_OPTIONAL: Final = ("defaults", "templates")
_SITE: Final[TypeAdapter[Any]] = TypeAdapter(schema.SiteId)
_DEFAULTS: Final[TypeAdapter[Any]] = TypeAdapter(schema.Defaults)
_CONNECTION: Final[TypeAdapter[Any]] = TypeAdapter(schema.Connection)
_DEVICE: Final[TypeAdapter[Any]] = TypeAdapter(schema.Device)


class MapErrors(Exception):
    """Everything that is wrong with a map, in the order of the file."""

    def __init__(self, errors: list[MapError]) -> None:
        self.errors = sorted(errors, key=lambda error: error.spot)
        super().__init__("\n".join(map(str, self.errors)))


def load_map(
    folder_or_file: FilePath | str, overlay: Mapping[str, Any] | None = None
) -> schema.DeviceMap:
    """The map of `devices.yaml` in that folder, or of that file.

    overlay: connection name -> fields that replace the map's (addresses of simulators).
    Raises MapErrors with every error of the run, OSError when the file cannot be read.
    """
    draft = read_map(folder_or_file, overlay)
    if draft.map is None or draft.errors:
        raise MapErrors(draft.errors)
    return draft.map


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as far as it can be understood; `map` is whole exactly when `errors` is empty."""

    map: schema.DeviceMap | None
    errors: list[MapError]
    tree: Part
    """Plain keys and values, templates filled in, nothing inherited."""


def read_map(folder_or_file: FilePath | str, overlay: Mapping[str, Any] | None = None) -> Draft:
    """As much of the map as can be told; the rest are errors. Raises OSError."""
    path = FilePath(folder_or_file)
    file = path / FILE if path.is_dir() else path
    tree, errors = read_file(file)
    if tree is None:
        return Draft(None, errors, Part(Spot(str(file), 1, 1), {}, {}))
    return understood(tree, errors, overlay)


def understood(
    tree: Part, errors: list[MapError], overlay: Mapping[str, Any] | None = None
) -> Draft:
    """The map of a tree that was read from wherever; `errors` are those of the reading."""
    loading = _Loading(tree, errors)
    made = loading.map(overlay or {})
    return Draft(made, sorted(loading.errors, key=lambda one: one.spot), loading.expanded)


class _Loading:
    """One run over one file: collects errors instead of stopping at the first."""

    def __init__(self, tree: Part, errors: list[MapError]) -> None:
        self._tree, self.errors = tree, errors
        self.expanded = tree
        self._incomplete: set[str] = set()
        """Devices that lack tags because of a mistake elsewhere."""

    def map(self, overlay: Mapping[str, Any]) -> schema.DeviceMap:
        for key in [key for key, _ in self._tree.items() if key not in _SECTIONS]:
            self._wrong(self._tree.keys[key], (key,), unknown(str(key), _SECTIONS))
        self._format()
        site = self._checked(_SITE, self._section("site"), ("site",), {})
        defaults = self._checked(_DEFAULTS, self._section("defaults"), ("defaults",), {})
        lines = self._laid_over(self._blocks("connections"), overlay)
        expander = Expander(self._blocks("templates"), self._wrong)
        parts = {
            name: self._expanded(expander, name, one)
            for name, one in self._blocks("devices").items()
        }
        connections = {
            name: self._checked(_CONNECTION, one, ("connections", name), {})
            for name, one in lines.items()
        }
        devices = {
            name: self._device(name, one, connections, defaults or schema.Defaults())
            for name, one in parts.items()
        }
        self.expanded = _expanded(self._tree, parts)
        whole = {
            name: one
            for name, one in devices.items()
            if self._is_whole(one, connections) and name not in self._incomplete
        }
        made = schema.DeviceMap.model_construct(
            devicemap=1,
            site=site,
            defaults=defaults,
            connections={name: one for name, one in connections.items() if one is not None},
            devices=whole,
        )
        made._places.update(_places({"connections": lines, "devices": parts}))
        made._broken.update(self._section("devices").value.keys() - whole.keys())
        return made

    def _expanded(self, expander: Expander, name: str, tree: Part) -> Part:
        before = len(self.errors)
        made = expander.device(name, tree)
        if len(self.errors) > before:
            self._incomplete.add(name)
        return made

    def _is_whole(self, device: Any, connections: Mapping[str, Any]) -> bool:
        return device is not None and connections.get(device.connection) is not None

    def _format(self) -> None:
        told = self._tree.get("devicemap")
        if told is None:
            self._wrong(self._tree.spot, ("devicemap",), "is missing: a map says `devicemap: 1`")
        elif told.value != 1:
            newer = "is newer than this program: update it" if _newer(told.value) else "is not 1"
            self._wrong(told.spot, ("devicemap",), f"format {told.value} {newer}")

    def _section(self, name: str) -> Part:
        found = self._tree.get(name)
        if found is None and name not in _OPTIONAL:
            self._wrong(self._tree.spot, (name,), "is missing")
        elif found is not None and not isinstance(found.value, dict):
            self._wrong(found.spot, (name,), "must be a block of keys")
        elif found is not None:
            return found
        return Part(self._tree.spot, {}, {})

    def _blocks(self, name: str) -> dict[str, Part]:
        """The named things of a section; what is no block of keys is an error and left out."""
        section = self._section(name)
        for key, one in section.items():
            if not isinstance(one.value, dict):
                self._wrong(one.spot, (name, key), "must be a block of keys")
        return {str(key): one for key, one in section.items() if isinstance(one.value, dict)}

    def _laid_over(self, lines: dict[str, Part], overlay: Mapping[str, Any]) -> dict[str, Part]:
        spot, laid = Spot("overlay", 0, 0), dict(lines)
        for name, fields in overlay.items():
            if name not in lines:
                told = "the map has no such connection" + hint(name, lines)
                self._wrong(spot, ("connections", name), told)
                continue
            named_port = isinstance(fields.get("port"), str)  # a serial port found by name
            base = lines[name].without("match") if named_port else lines[name]
            for key, value in fields.items():
                base = base.having(key, part(value, spot))
            laid[name] = base
        return laid

    def _device(
        self, name: str, tree: Part, connections: Mapping[str, Any], defaults: schema.Defaults
    ) -> Any:
        path: Path = ("devices", name)
        asked = tree.get("connection")
        called = asked.value if asked is not None else None
        if isinstance(called, str) and called not in connections:
            told = f"there is no connection {called}" + hint(called, connections)
            self._wrong(asked.spot, (*path, "connection"), told, "DM101")  # type: ignore[union-attr]
        line = connections.get(called) if isinstance(called, str) else None
        addressing = "zero-based"
        if isinstance(line, schema.Modbus):
            orders = {"word_order": line.word_order, "byte_order": line.byte_order}
            tree = inheriting(tree, {key: part(one, tree.spot) for key, one in orders.items()})
            addressing = line.addressing
        elif line is None:  # said already: nothing more is complained of because of it
            tree, addressing = tree.without("word_order", "byte_order"), "modicon"
        context = {
            "poll": {**CLASSES, **defaults.poll},
            "stale_after": defaults.stale_after,
            "addressing": addressing,
        }
        return self._checked(_DEVICE, tree, path, context)

    def _checked(
        self, adapter: TypeAdapter[Any], tree: Part, path: Path, context: dict[str, Any]
    ) -> Any:
        try:
            return adapter.validate_python(plain(tree), context=context)
        except ValidationError as failed:
            found = failed.errors(include_url=False)
            said = {error.spot for error in self.errors}
            told = [explain(error, adapter._type, tree, path) for error in found]
            of_values = [error["type"] in FOLLOWING for error in found]
            pairs = zip(told, of_values, strict=True)
            self.errors += [one for one, value in pairs if not (value and one.spot in said)]
            return None

    def _wrong(self, spot: Spot, path: Path, reason: str, code: str = UNREADABLE) -> None:
        self.errors.append(MapError(spot, path, reason, code))


def _expanded(tree: Part, devices: dict[str, Part]) -> Part:
    section = tree.get("devices")
    if section is None:
        return tree
    inside = Part(section.spot, devices, section.keys)
    return tree.without("templates").having("devices", inside)


def _newer(told: object) -> bool:
    return isinstance(told, int) and told > 1


def _places(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    inside = tree.value if isinstance(tree, Part) else tree
    if isinstance(inside, dict):
        for key, one in inside.items():
            inner = (*path, str(key))
            if isinstance(one, Part):
                yield inner, str(one.spot)
            yield from _places(one, inner)
