"""The device map as JSON Schema 2020-12, for editors that complete and underline while one types.

It comes from the models; what stands in a file before templates and inheritance is added here.
"""

from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from devices.map import schema
from devices.map.base import Config
from devices.map.described import about, fields_of
from devices.map.points import NodeTag, RegisterTag

Json = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PARTS: Final[dict[str, Any]] = {
    "site": schema.SiteId,
    "defaults": schema.Defaults,
    "connection": schema.Connection,
    "device": schema.Device,
}
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
