"""`docs/device-map.md`: the tables of the page come from the models and the rules.

python -m devices.map.reference docs/device-map.md
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from devices.map.finding import RULES
from devices.map.schema_json import Json, json_schema

BEGIN, END = "<!-- from the models: {} -->", "<!-- end -->"
PART: Final = re.compile(r"(<!-- from the models: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
GROUPS: Final = {
    "site": ("SiteId", "Defaults", "Reconnect"),
    "connections": ("ModbusTcp", "ModbusRtuTcp", "ModbusRtu", "OpcUa", "OpcSecurity", "Mqtt",
                    "MqttTls", "Serial", "SerialMatch", "TcpClient", "TcpServer", "Hid",
                    "Secret"),
    "tags": ("RegisterTag", "NodeTag", "Alarm", "Debounce"),
    "handshakes": ("Heartbeat", "OnLost", "EventShake", "CommandShake", "TargetShake",
                   "PulseShake", "ToggleShake"),
}  # fmt: skip
"""Group -> models; all others belong to devices."""
KEYS: Final = ("type", "kind", "style")
"""What tells one model of a group from another."""
QUANTITIES: Final = {
    "ms": "like `250ms`", "mm": "like `1800mm`", "m/s": "like `1.2m/s`", "kg": "like `50g`",
    "%": "like `20%`", "x": "like `3x`", "deg": "like `90deg`",
}  # fmt: skip
TITLES: Final = {
    "SiteId": "site", "RegisterTag": "A tag on Modbus", "NodeTag": "A tag on OPC UA",
    "Merge": "merge-lift",
}  # fmt: skip


def page(text: str) -> str:
    """The page with its tables made anew."""
    schema = json_schema()
    return PART.sub(lambda found: f"{found[1]}{_group(schema, found[2])}{found[3]}", text)


def _group(schema: Json, name: str) -> str:
    if name == "codes":
        return _codes()
    definitions: dict[str, Json] = schema["$defs"]
    elsewhere = {one for names in GROUPS.values() for one in names} | {"Template"}
    names = GROUPS.get(name) or _devices_first([n for n in definitions if n not in elsewhere],
                                               definitions)  # fmt: skip
    return "".join(_model(one, definitions[one]) for one in names if one in definitions)


def _devices_first(names: list[str], definitions: dict[str, Json]) -> list[str]:
    def is_part(name: str) -> bool:
        return "kind" not in definitions[name]["properties"]

    return sorted(names, key=lambda name: (is_part(name), name))


def _model(name: str, model: Json) -> str:
    lines = [f"\n### {_title(name, model)}\n"]
    if text := model.get("description"):
        lines.append(f"{text}\n")
    lines += ["| key | is | without it | |", "|---|---|---|---|"]
    required = model.get("required", [])
    known = model["properties"]
    for key in sorted(known, key=lambda key: (key not in KEYS, key not in required)):
        field = known[key]
        default = "needed" if key in required else _default(field)
        lines.append(f"| `{key}` | {_cell(_is(field))} | {default} | {_cell(_about(field))} |")
    return "\n".join(lines) + "\n"


def _title(name: str, model: Json) -> str:
    for key in KEYS:
        told = model["properties"].get(key, {})
        if "const" in told:
            return f"`{key}: {told['const']}`"
    return TITLES.get(name, _spaced(name))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _default(field: Json) -> str:
    value = field.get("default")
    if value in (None, "") or isinstance(value, (list, dict)):
        return ""
    shown = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    return f"`{shown}`"


def _about(field: Json) -> str:
    return str(field.get("description", ""))


def _is(field: Json) -> str:
    """The type in words."""
    for key, told in _FORMS.items():
        if key in field:
            return told(field)
    kind = field.get("type", "anything")
    if kind == "string":
        return _text(field)
    if kind in ("integer", "number"):
        return _number(field)
    if kind == "array":
        return "list" + _of(field.get("items") or (field.get("prefixItems") or [None])[0])
    if kind == "object":
        return "names" + _of(field.get("additionalProperties"))
    return "true or false" if kind == "boolean" else str(kind)


def _of(inner: Any) -> str:
    return f" of {_is(inner)}" if isinstance(inner, dict) and inner else ""


def _choices(field: Json) -> str:
    named = [_is(one) for one in field.get("anyOf") or field["oneOf"]]
    return " or ".join(dict.fromkeys(one for one in named if one != "null"))


_FORMS: Final[dict[str, Callable[[Json], str]]] = {
    "$ref": lambda field: f"block: {_spaced(field['$ref'].rpartition('/')[2])}",
    "const": lambda field: f"`{field['const']}`",
    "enum": lambda field: ", ".join(f"`{one}`" for one in field["enum"]),
    "anyOf": _choices,
    "oneOf": _choices,
}


def _text(field: Json) -> str:
    pattern = str(field.get("pattern", ""))
    return next((told for unit, told in QUANTITIES.items() if _measures(unit, pattern)), "text")


def _measures(unit: str, pattern: str) -> bool:
    units = re.split(r"[|()$]", pattern.rpartition(r"\s*")[2])
    return bool(pattern) and unit in units


def _number(field: Json) -> str:
    kind = "whole number" if field["type"] == "integer" else "number"
    low, high = field.get("minimum"), field.get("maximum")
    return kind if low is None else f"{kind} from {low}" + (f" to {high}" if high else "")


def _codes() -> str:
    lines = ["", "| code | | what | for instance | remedy |", "|---|---|---|---|---|"]
    for code, rule in RULES.items():
        cells = map(_cell, (rule.what, rule.example, rule.remedy))
        lines.append(f"| {code} | {rule.level} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def parts(text: str) -> Iterator[str]:
    yield from (found[2] for found in PART.finditer(text))


def main() -> None:
    file = Path(sys.argv[1])
    file.write_text(page(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
