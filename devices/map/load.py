"""Reads a device map: every mistake of one run with its place, or the map with all names
resolved."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from devices.map import schema
from devices.map.text import MapError, Part, Path, Spot, part, plain, read, spot_of
from devices.map.units import CLASSES

__all__ = ["MapError", "MapErrors", "load_as", "load_map", "load_plain"]

Model = TypeVar("Model", bound=BaseModel)

FILE: Final = "devices.yaml"
_CONNECTION: Final[TypeAdapter[Any]] = TypeAdapter(schema.Connection)
_DEVICE: Final[TypeAdapter[Any]] = TypeAdapter(schema.Device)
_HEAD: Final[dict[str, TypeAdapter[Any]]] = {
    "devicemap": TypeAdapter(schema.DeviceMap.model_fields["devicemap"].annotation),
    "site": TypeAdapter(schema.SiteId),
    "defaults": TypeAdapter(schema.Defaults),
}
_SECTIONS: Final = ("devicemap", "site", "defaults", "connections", "templates", "devices")


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
    path = FilePath(folder_or_file)
    file = path / FILE if path.is_dir() else path
    tree, errors = read(file.read_text("utf-8"), str(file))
    if tree is None:
        raise MapErrors(errors)
    loading = _Loading(tree, errors)
    made = loading.map(overlay or {})
    if made is None or loading.errors:
        raise MapErrors(loading.errors)
    return made


class _Loading:
    """One run over one file: collects errors instead of stopping at the first."""

    def __init__(self, tree: Part, errors: list[MapError]) -> None:
        self._tree, self.errors = tree, errors

    def map(self, overlay: Mapping[str, Any]) -> schema.DeviceMap | None:
        if not isinstance(self._tree.value, dict):
            self._wrong(self._tree.spot, (), "a map starts with `devicemap: 1`")
            return None
        self._known_keys(self._tree, (), _SECTIONS)
        head = {name: self._head(name, adapter) for name, adapter in _HEAD.items()}
        lines = self._section("connections")
        self._lay_over(lines, overlay)
        connections = {name: self._connection(name, one) for name, one in lines.items()}
        defaults = head["defaults"] or schema.Defaults()
        expanded = {
            name: self._expanded(str(name), one) for name, one in self._section("devices").items()
        }
        devices = {
            name: self._device(str(name), one, connections, defaults)
            for name, one in expanded.items()
        }
        if self.errors:
            return None
        made = schema.DeviceMap.model_construct(
            **{**head, "defaults": defaults}, connections=connections, devices=devices
        )
        made._places.update(_places(part_of(expanded, self._tree.spot), ("devices",)))
        made._places.update(_places(part_of(lines, self._tree.spot), ("connections",)))
        return made

    def _head(self, name: str, adapter: TypeAdapter[Any]) -> Any:
        inside = self._tree.get(name)
        if inside is None:
            if name != "defaults":
                self._wrong(self._tree.spot, (name,), "is missing")
            return None
        if name == "devicemap" and isinstance(inside.value, int) and inside.value > 1:
            told = f"format {inside.value} is newer than this program reads (1): update it"
            self._wrong(inside.spot, (name,), told)
            return None
        return self._checked(adapter, inside, (name,), {})

    def _section(self, name: str) -> dict[Any, Part]:
        inside = self._tree.get(name)
        if inside is None:
            if name != "templates":
                self._wrong(self._tree.spot, (name,), "is missing")
            return {}
        if not isinstance(inside.value, dict):
            self._wrong(inside.spot, (name,), "must be a block of `name: {...}`")
            return {}
        for key in [key for key, one in inside.items() if not isinstance(one.value, dict)]:
            self._wrong(inside.keys[key], (name, key), "must be a block of keys")
        return {key: one for key, one in inside.items() if isinstance(one.value, dict)}

    def _lay_over(self, lines: dict[Any, Part], overlay: Mapping[str, Any]) -> None:
        spot = Spot("overlay", 0, 0)
        for name, fields in overlay.items():
            if name not in lines:
                told = "the map has no such connection" + _hint(name, map(str, lines))
                self._wrong(spot, ("connections", name), told)
                continue
            base = dict(lines[name].items())
            if "port" in fields and isinstance(fields["port"], str):
                base.pop("match", None)
            laid = {key: part(value, spot) for key, value in fields.items()}
            lines[name] = Part(lines[name].spot, {**base, **laid}, lines[name].keys)

    def _connection(self, name: str, tree: Part) -> Any:
        return self._checked(_CONNECTION, tree, ("connections", name), {})

    def _expanded(self, name: str, tree: Part) -> Part:
        """The device with the tags of its templates; `include` is used up."""
        inside, keys = dict(tree.items()), dict(tree.keys)
        include = inside.pop("include", None)
        tags = inside.get("tags")
        if include is None:
            return tree
        path: Path = ("devices", name, "include")
        entries = include.value if isinstance(include.value, list) else []
        if not isinstance(include.value, list):
            self._wrong(include.spot, path, "must be a list of `{template: ..., as: ...}`")
        merged = dict(tags.items()) if tags else {}
        tag_keys = dict(tags.keys) if tags else {}
        for number, entry in enumerate(entries):
            for tag, spot, one in self._included(entry, (*path, number)):
                if tag in merged:
                    self._wrong(entry.spot, (*path, number), f"there is a tag {tag} already")
                merged[tag], tag_keys[tag] = one, spot
        inside["tags"] = Part(tags.spot if tags else include.spot, merged, tag_keys)
        return Part(tree.spot, inside, keys)

    def _included(self, entry: Part, path: Path) -> Iterator[tuple[str, Spot, Part]]:
        asked, name = entry.get("template"), entry.get("as")
        if asked is None or name is None:
            self._wrong(entry.spot, path, "needs `template` and `as`")
            return
        template = self._section("templates").get(asked.value)
        if template is None:
            told = f"there is no template {asked.value}" + _hint(
                asked.value, map(str, self._section("templates"))
            )
            self._wrong(asked.spot, path, told)
            return
        given = {str(k): one.value for k, one in entry.items() if k not in ("template", "as")}
        params = template.get("params")
        wanted = [str(one.value) for one in params.value] if params else []
        for missing in [one for one in wanted if one not in given]:
            self._wrong(entry.spot, path, f"template {asked.value} needs `{missing}`")
        for extra in [one for one in given if one not in wanted]:
            self._wrong(entry.keys[extra], (*path, extra), _unknown(extra, wanted))
        tags = template.get("tags") or Part(template.spot, {}, {})
        for tag, one in tags.items():
            filled = self._filled(one, given, ("templates", asked.value, "tags", tag))
            yield f"{name.value}.{tag}", tags.keys[tag], filled

    def _filled(self, tree: Part, given: Mapping[str, Any], path: Path) -> Part:
        if isinstance(tree.value, dict):
            inside = {k: self._filled(one, given, (*path, k)) for k, one in tree.items()}
            return Part(tree.spot, inside, tree.keys)
        if isinstance(tree.value, list):
            return Part(tree.spot, [self._filled(one, given, path) for one in tree.value], {})
        if not isinstance(tree.value, str):
            return tree
        try:
            return Part(tree.spot, fill(tree.value, given), {})
        except ValueError as err:
            self._wrong(tree.spot, path, str(err))
            return tree

    def _device(
        self, name: str, tree: Part, connections: Mapping[str, Any], defaults: schema.Defaults
    ) -> Any:
        path: Path = ("devices", name)
        asked = tree.get("connection")
        if asked is not None and asked.value not in connections:
            told = f"there is no connection {asked.value}" + _hint(
                str(asked.value), map(str, connections)
            )
            self._wrong(asked.spot, (*path, "connection"), told)
        line = connections.get(asked.value) if asked else None
        context = {
            "poll": {**CLASSES, **defaults.poll},
            "stale_after": defaults.stale_after,
            "addressing": getattr(line, "addressing", "zero-based"),
        }
        return self._checked(_DEVICE, _inheriting(tree, line), path, context)

    def _checked(
        self, adapter: TypeAdapter[Any], tree: Part, path: Path, context: dict[str, Any]
    ) -> Any:
        try:
            return adapter.validate_python(plain(tree), context=context)
        except ValidationError as failed:
            for error in failed.errors(include_url=False):
                self.errors.append(_told(error, adapter, tree, path))
            return None

    def _known_keys(self, tree: Part, path: Path, known: tuple[str, ...]) -> None:
        for key in [key for key, _ in tree.items() if key not in known]:
            self._wrong(tree.keys[key], (*path, key), _unknown(str(key), known))

    def _wrong(self, spot: Spot, path: Path, reason: str) -> None:
        self.errors.append(MapError(spot, path, reason))


_FIELD: Final = re.compile(r"\$\{([^}]*)\}")
_SUM: Final = re.compile(r"\s*(?:(\d+)\s*\+\s*)?([A-Za-z_]\w*)(?:\s*\+\s*(\d+))?\s*")


def fill(text: str, given: Mapping[str, Any]) -> Any:
    """`${n}` and `${n+integer}` replaced; a text that is nothing else keeps the value's type.

    Raises ValueError with a sentence.
    """

    def value(found: re.Match[str]) -> Any:
        parsed = _SUM.fullmatch(found[1])
        if parsed is None:
            raise ValueError(f"{found[0]}: only ${{name}} and ${{name+integer}} are understood")
        before, name, after = parsed.groups()
        if name not in given:
            raise ValueError(f"{found[0]}: " + _unknown(name, given))
        if before is None and after is None:
            return given[name]
        if not isinstance(given[name], int):
            raise ValueError(f"{found[0]}: {name} is {given[name]!r}, not an integer")
        return int(before or 0) + given[name] + int(after or 0)

    whole = _FIELD.fullmatch(text)
    return value(whole) if whole else _FIELD.sub(lambda found: str(value(found)), text)


def _inheriting(tree: Part, line: Any) -> Part:
    """Tags without a word or byte order of their own get the device's, else the connection's."""
    tags = tree.get("tags")
    if tags is None or not isinstance(line, schema.ModbusTcp):
        return tree
    orders = {name: part(getattr(line, name), tree.spot) for name in ("word_order", "byte_order")}
    orders.update({name: one for name in orders if (one := tree.get(name))})
    inside = {
        name: Part(one.spot, {**orders, **one.value}, one.keys)
        if isinstance(one.value, dict)
        else one
        for name, one in tags.items()
    }
    rest = {key: one for key, one in tree.items() if key not in orders}
    return Part(tree.spot, {**rest, "tags": Part(tags.spot, inside, tags.keys)}, tree.keys)


def _told(error: Any, adapter: TypeAdapter[Any], tree: Part, path: Path) -> MapError:
    """Pydantic's error as a place in the file and a sentence."""
    loc, kind = [step for step in error["loc"] if not str(step).startswith("<")], error["type"]
    choice = tree.get("kind") or tree.get("type")
    if loc and choice is not None and loc[0] == choice.value:
        del loc[0]  # the member of the union, not a key
    where, reason = (*path, *loc), str(error["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _keys(adapter, plain(tree), loc[:-1])
        return MapError(spot_of(tree, loc, key=True), where, _unknown(str(loc[-1]), known))
    if kind == "missing":
        return MapError(spot_of(tree, loc[:-1], key=True), where, "is missing")
    if kind in ("union_tag_invalid", "literal_error"):
        expected = [one for one in str(error["ctx"].get("expected_tags") or error["ctx"]["expected"])
                    .replace(" or ", ", ").split(", ")]  # fmt: skip
        names = [one.strip("'<>") for one in expected]
        if kind == "union_tag_invalid":
            key = str(error["ctx"]["discriminator"]).strip("'")
            loc = [*loc, key if not key.endswith(")") else "style"]
            where = (*path, *loc)
        value = str(error["ctx"].get("tag", error["input"])).strip("<>")
        reason = f"{value!r} is none of {', '.join(names)}" + _hint(value, names)
    if kind == "union_tag_not_found":
        key = str(error["ctx"]["discriminator"]).strip("'")
        return MapError(spot_of(tree, loc, key=True), (*where, key), "is missing")
    return MapError(spot_of(tree, loc), where, reason)


def _keys(adapter: TypeAdapter[Any], data: Any, loc: list[Any]) -> list[str]:
    """The keys that the model at that place knows."""
    model: Any = _member(adapter._type, data)
    for step in loc:
        data = data.get(step, {}) if isinstance(data, dict) else {}
        fields = getattr(model, "model_fields", None)
        if fields is None:
            args = get_args(model)
            model = _member(args[-1], data) if args else None
        else:
            found = next((f for n, f in fields.items() if (f.alias or n) == step), None)
            model = _member(found.annotation, data) if found else None
    fields = getattr(model, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _member(annotation: Any, data: Any) -> Any:
    """The model inside `Annotated`, `| None` and unions that fits the data best."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = [one for one in _models(annotation)]
    if not models or not isinstance(data, dict):
        return annotation
    if getattr(annotation, "__origin__", None) is dict:
        return annotation

    def fit(model: Any) -> int:
        names = [field.alias or name for name, field in model.model_fields.items()]
        tag = next((k for k in ("kind", "type", "style") if k in names), None)
        told = str(data.get(tag)) if tag else ""
        right = told in get_args(model.model_fields[tag].annotation) if tag else False
        return 100 * right + sum(key in names for key in data)

    return max(models, key=fit)


def _models(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models(one)


def _unknown(key: str, known: Any) -> str:
    return "there is no such key here" + _hint(key, known)


def _hint(name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def part_of(parts: dict[Any, Part], spot: Spot) -> Part:
    return Part(spot, parts, {})


def _places(tree: Part, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(tree.value, dict):
        for key, one in tree.value.items():
            inner = (*path, str(key))
            yield inner, str(one.spot)
            yield from _places(one, inner)


def load_plain(file: FilePath) -> Any:
    """Any YAML file of a site as plain data. Raises MapErrors, OSError when it cannot be read."""
    tree, errors = read(file.read_text("utf-8"), str(file))
    if tree is None or errors:
        raise MapErrors(errors)
    return plain(tree)


def load_as(model: type[Model], file: FilePath) -> Model:
    """A YAML file of a site as a checked model. Raises MapErrors with every error of the run."""
    tree, errors = read(file.read_text("utf-8"), str(file))
    if tree is None:
        raise MapErrors(errors)
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    try:
        made: Model = adapter.validate_python(plain(tree))
    except ValidationError as failed:
        told = [_told(error, adapter, tree, ()) for error in failed.errors(include_url=False)]
        raise MapErrors([*errors, *told]) from failed
    if errors:
        raise MapErrors(errors)
    return made
