"""Plain data as a map that a person likes to read: blocks for what has names, one line a tag."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

BARE: Final = re.compile(r"[A-Za-z_/][\w./;=-]*(?: [\w./;=(-][\w./;=()-]*)*")
"""Texts that YAML reads as they stand, in flow and in blocks."""
QUANTITY: Final = re.compile(r"[+-]?\d+(\.\d+)?(ms|s|min|h|mm|cm|m|g|kg|%|x|rad|deg|m/s|m/min)")
OTHERWISE: Final = re.compile(
    r"true|false|null|yes|no|on|off|y|n|nan|inf", re.IGNORECASE
)  # what some reader takes for something else
SAFE_KEY: Final = re.compile(r"[A-Za-z_][\w.-]*|0|[1-9]\d{0,8}")
BLOCKS: Final = ("tags", "handshakes", "lanes", "lights", "vehicles", "methods")


def scalar(value: object) -> str:
    """As YAML 1.2 reads it back, in blocks and in flow."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value)
    text = str(value)
    bare = BARE.fullmatch(text) and not OTHERWISE.fullmatch(text)
    return text if bare or QUANTITY.fullmatch(text) else quoted(text)


def _number(value: float) -> str:
    told = repr(value)
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(told, told)


def quoted(text: str) -> str:
    """Double quotes, everything unprintable escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else _escaped(one) for one in plain)


def _escaped(one: str) -> str:
    code = ord(one)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def key(name: object) -> str:
    if isinstance(name, int) and not isinstance(name, bool):
        return str(name)
    text = str(name)
    is_safe = SAFE_KEY.fullmatch(text) and not text.isdecimal() and not OTHERWISE.fullmatch(text)
    return text if is_safe else quoted(text)


def flow(value: Any) -> str:
    """In one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(k)}: {flow(one)}" for k, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def yaml(tree: Mapping[Any, Any]) -> str:
    """A whole map."""
    return "\n".join(_map(tree)) + "\n"


def _map(tree: Mapping[Any, Any]) -> Iterator[str]:
    for name, section in tree.items():
        if name not in ("connections", "devices", "templates") or not section:
            yield f"{key(name)}: {flow(section)}"
            continue
        yield ""
        yield f"{key(name)}:"
        for inner, one in section.items():
            if name == "connections" or not isinstance(one, Mapping) or not one:
                yield f"  {key(inner)}: {flow(one)}"
            else:
                yield f"  {key(inner)}:"
                yield from _device(one)
                yield ""


def _device(device: Mapping[Any, Any]) -> Iterator[str]:
    for field, value in device.items():
        if field in BLOCKS and isinstance(value, Mapping) and value:
            yield f"    {key(field)}:"
            yield from (f"      {key(name)}: {flow(one)}" for name, one in value.items())
        else:
            yield f"    {key(field)}: {flow(value)}"
