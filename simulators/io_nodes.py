"""The memory of an OPC UA device made from the map: a raw value per node, in the types that the map
says. No server here."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from devices.map.schema import NodeTag
from simulators.io_memory import Value

WHOLE: Final = {
    "int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1), "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1), "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1),
    "enum": (-(2**31), 2**31 - 1), "bits": (0, 2**32 - 1), "bcd16": (0, 9999),
    "bcd32": (0, 99_999_999),
}  # fmt: skip


class Nodes:
    """Two tags of one node share its value. `changed` are nodes that the server must still show."""

    def __init__(self, tags: Mapping[str, NodeTag]) -> None:
        self.tags = tags
        self.changed: dict[str, Any] = {}
        self.stirred = asyncio.Event()
        self._raw = {tag.node: nothing(tag.type) for tag in tags.values()}

    def __contains__(self, name: object) -> bool:
        return name in self.tags

    def clear(self) -> None:
        for tag in self.tags.values():
            self._store(tag.node, nothing(tag.type))

    def get(self, name: str) -> Value:
        tag = self.tags[name]
        return _shown(tag, self._raw[tag.node])

    def put(self, name: str, value: Value) -> None:
        """Raises KeyError, TypeError or ValueError for what the node does not take."""
        tag = self.tags[name]
        self._store(tag.node, _raw(tag, value))

    def raw(self, node: str) -> Any:
        return self._raw[node]

    def written(self, node: str, raw: Any) -> None:
        """By a client: the server shows it already."""
        self.changed.pop(node, None)
        self._raw[node] = raw

    def _store(self, node: str, raw: Any) -> None:
        if self._raw[node] != raw:
            self._raw[node] = raw
            self.changed.pop(node, None)  # shown in the order in which they came to be
            self.changed[node] = raw
            self.stirred.set()


def nothing(type: str) -> Any:
    """The value after power on."""
    kinds: dict[str, Any] = {"bool": False, "string": ""}
    return kinds.get(type, 0 if type in WHOLE else 0.0)


def _raw(tag: NodeTag, value: Value) -> Any:
    if tag.type == "bool":
        return bool(value)
    if tag.type == "string":
        return str(value)
    if tag.enum is not None and isinstance(value, (str, list, tuple)):
        codes = {name: code for code, name in tag.enum.items()}
        value = codes[value] if isinstance(value, str) else sum(1 << codes[one] for one in value)
    raw = (value - tag.offset) / tag.scale if (tag.scale, tag.offset) != (1.0, 0.0) else value
    if tag.type not in WHOLE:
        return float(raw)
    least, most = WHOLE[tag.type]
    if not least <= round(raw) <= most:
        raise ValueError(f"{tag.node}: {tag.type} cannot hold {raw}")
    return round(raw)


def _shown(tag: NodeTag, raw: Any) -> Value:
    if tag.type == "bits" and tag.enum is not None:
        return [name for bit, name in tag.enum.items() if raw >> bit & 1]
    if tag.enum is not None:
        return tag.enum.get(raw, raw)
    return raw if (tag.scale, tag.offset) == (1.0, 0.0) else raw * tag.scale + tag.offset
