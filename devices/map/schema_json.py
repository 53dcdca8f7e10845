"""The device map as JSON Schema 2020-12, for editors that complete and underline while one types.

It comes from the models; what stands in a file before templates and inheritance is added here.
"""

from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from devices.map import schema
from devices.map.base import Config
from devices.map.described import about, fields_of
from devices.map.diff import UNITS
from devices.map.points import NodeTag, RegisterTag

Json = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PARTS: Final[dict[str, Any]] = {
    "site": schema.SiteId,
    "defaults": schema.Defaults,
    "connection": schema.Connection,
    "device": schema.Device,
}
WITHIN: Final = ("At", "Band", "Poll", "Span")
"""What a text becomes; a file never holds it."""
ORDER: Final[Json] = {"enum": ["big", "little"]}
INCLUDE: Final[Json] = {
    "type": "array",
    "description": "Templates whose tags the device has, called `<as>.<name>`.",
    "items": {
        "type": "object",
        "required": ["template", "as"],
        "properties": {"template": {"type": "string"}, "as": {"type": "string"}},
    },
}


def json_schema() -> Json:
    """In the map's own keys, quantities as text with their unit."""
    adapters = [(key, "validation", TypeAdapter(kind)) for key, kind in PARTS.items()]
    parts, shared = TypeAdapter.json_schemas(
        adapters,  # type: ignore[arg-type]
        ref_template="#/$defs/{model}",
    )
    definitions: Json = shared["$defs"]
    _describe(definitions)
    _before_templates(definitions)
    for known in [name for name in definitions if name in WITHIN]:
        del definitions[known]
    of = {key: parts[key, "validation"] for key in PARTS}
    return {
        "$schema": DIALECT,
        "title": "Wedge device map",
        "type": "object",
        "additionalProperties": False,
        "required": ["devicemap", "site", "connections", "devices"],
        "properties": {
            "devicemap": {"const": 1, "description": "The format of the file."},
            "site": of["site"],
            "defaults": of["defaults"],
            "connections": _named(of["connection"]),
            "templates": _named({"$ref": "#/$defs/Template"}),
            "devices": _named(of["device"]),
        },
        "$defs": definitions,
    }


def _named(one: Json) -> Json:
    return {"type": "object", "additionalProperties": one}


def _describe(definitions: Json) -> None:
    for model in models():
        definition: Json = definitions.get(model.__name__, {})
        if text := about(model):
            definition["description"] = text
        else:
            definition.pop("description", None)  # pydantic's own is that of a base class
        for name, text in fields_of(model).items():
            key = model.model_fields[name].alias or name if name in model.model_fields else name
            if key in definition.get("properties", {}):
                definition["properties"][key]["description"] = text
        for name in model.model_fields if definition else ():
            _with_unit(definition, model, name)


def _with_unit(definition: Json, model: type[BaseModel], name: str) -> None:
    """A default as it would be written: 0.5 of `timeout_s` is `500ms`."""
    field = model.model_fields[name]
    known = definition.get("properties", {}).get(field.alias or name, {})
    if isinstance(known.get("default"), float) and "number" not in _types(known):
        known["default"] = as_written(name, known["default"])


def _types(known: Json) -> list[str]:
    return [str(one.get("type")) for one in (known, *known.get("anyOf", ()))]


def as_written(name: str, value: float) -> str:
    unit = next((unit for end, unit in UNITS.items() if name.endswith(end)), "")
    if unit == "s" and 0 < value < 1:
        return f"{value * 1000:g}ms"
    return f"{value:g}{unit or {'jitter': '%', 'stale_after': 'x'}.get(name, '')}"


def models() -> list[type[BaseModel]]:
    """Every model that a map is made of, base classes of several left out."""
    found: list[type[BaseModel]] = []
    waiting: list[type[BaseModel]] = [Config]
    while waiting:
        known = waiting.pop()
        found.append(known)
        waiting += reversed(known.__subclasses__())
    return found


def _before_templates(definitions: Json) -> None:
    """What the loader takes away before the models see it: templates, inherited orders, and other
    ways to write the same."""
    for definition in definitions.values():
        own: Json = definition.get("properties", {})
        if "tags" in own:
            own |= {"include": INCLUDE, "word_order": ORDER, "byte_order": ORDER}
            definition["required"] = [n for n in definition["required"] if n != "tags"]
        if "lights" in own:
            names = {"type": "array", "items": {"type": "string"}}
            own["lights"] = {"anyOf": [own["lights"], names]}
        if "enum" in own and "scale" in own:
            own["enum"] = {"anyOf": [own["enum"], {"const": "packml"}]}
        if "policy" in own:  # two spellings are about
            own["policy"] = {"type": "string"}
    definitions["Template"] = _template()


def _template() -> Json:
    """Its values may hold `${n}`: only the keys are known."""
    keys = {field.alias or name for m in (RegisterTag, NodeTag) for name, field in
            m.model_fields.items()}  # fmt: skip
    tag = {"type": "object", "additionalProperties": False, "properties": {k: {} for k in keys}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["tags"],
        "properties": {
            "params": {"type": "array", "items": {"type": "string"}},
            "tags": _named(tag),
        },
    }
