"""The memory of a Modbus device made from the map: four tables, and values in the map's words at
their places. Written from the standard and the map's own description, not from the driver."""

import struct
from collections.abc import Iterable, Mapping
from typing import Final

from devices.map.schema import RegisterTag
from simulators.io_memory import Value
from simulators.plc.bank import tables

FORMATS: Final = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
    "float32": ">f", "float": ">f", "float64": ">d", "double": ">d",
    "enum": ">H", "bits": ">H",
}  # fmt: skip
FLOATS: Final = ("float32", "float", "float64", "double")
DIGITS: Final = {"bcd16": 4, "bcd32": 8}


class Registers:
    """All zero, as after power on; `names` are the tags of the map that lie here."""

    def __init__(self, tags: Mapping[str, RegisterTag]) -> None:
        self._tags = tags
        self.tables = tables(_sizes(tags.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._tags

    def clear(self) -> None:
        for table in ("co", "di", "ir", "hr"):
            cells = self.tables.of(table)
            cells[:] = [0] * len(cells)

    def get(self, name: str) -> Value:
        tag = self._tags[name]
        cells, first = self.tables.of(tag.at.table), tag.at.address
        if tag.at.bit is not None:
            return bool(cells[first] >> tag.at.bit & 1)
        found = cells[first : first + tag.words]
        if tag.at.table in ("co", "di"):
            return bool(found[0])
        each = tag.words // tag.count
        values = [_value(tag, found[n : n + each]) for n in range(0, tag.words, each)]
        return values[0] if tag.count == 1 else values

    def put(self, name: str, value: Value) -> None:
        """Raises KeyError for a name that an enum has not, struct.error for what does not fit."""
        tag = self._tags[name]
        cells, first = self.tables.of(tag.at.table), tag.at.address
        if tag.at.bit is not None:
            cells[first] = cells[first] & ~(1 << tag.at.bit) | bool(value) << tag.at.bit
        elif tag.at.table in ("co", "di"):
            cells[first] = int(bool(value))
        else:
            many = [value] if tag.count == 1 else value
            words = [word for one in many for word in _words(tag, one)]
            cells[first : first + tag.words] = words


def _sizes(tags: Iterable[RegisterTag]) -> dict[str, int]:
    sizes = dict.fromkeys(("co", "di", "ir", "hr"), 0)
    for tag in tags:
        sizes[tag.at.table] = max(sizes[tag.at.table], tag.at.address + tag.words)
    return sizes


def _words(tag: RegisterTag, value: Value) -> list[int]:
    data = _bytes(tag, value)
    pairs = [data[n : n + 2] for n in range(0, len(data), 2)]
    if tag.byte_order == "little":
        pairs = [pair[::-1] for pair in pairs]
    if tag.word_order == "little" and tag.type != "string":
        pairs.reverse()
    return [int.from_bytes(pair, "big") for pair in pairs]


def _bytes(tag: RegisterTag, value: Value) -> bytes:
    if tag.type == "string":
        size = tag.words // tag.count * 2
        return str(value).encode("ascii", "replace")[:size].ljust(size, b"\0")
    if tag.type == "bool":
        return struct.pack(">H", bool(value))
    if tag.enum is not None and isinstance(value, (str, list, tuple)):
        value = _code(tag.enum, value)
    raw = (value - tag.offset) / tag.scale if (tag.scale, tag.offset) != (1.0, 0.0) else value
    if tag.type in FLOATS:
        return struct.pack(FORMATS[tag.type], raw)
    if tag.type in DIGITS:
        return bytes.fromhex(f"{round(raw):0{DIGITS[tag.type]}d}")
    return struct.pack(FORMATS[tag.type], round(raw))


def _code(names: Mapping[int, str], value: Value) -> int:
    codes = {name: code for code, name in names.items()}
    return codes[value] if isinstance(value, str) else sum(1 << codes[one] for one in value)


def _value(tag: RegisterTag, words: list[int]) -> Value:
    ordered = words[::-1] if tag.word_order == "little" and tag.type != "string" else words
    order = "little" if tag.byte_order == "little" else "big"
    data = b"".join(word.to_bytes(2, order) for word in ordered)  # type: ignore[arg-type]
    if tag.type == "string":
        return data.rstrip(b"\0").decode("ascii", "replace")
    if tag.type == "bool":
        return data != b"\0\0"
    if tag.type in DIGITS:
        return int(data.hex()) * tag.scale + tag.offset
    (raw,) = struct.unpack(FORMATS[tag.type], data)
    if tag.type == "bits":
        return [name for bit, name in (tag.enum or {}).items() if raw >> bit & 1]
    if tag.enum is not None:
        return tag.enum.get(raw, raw)
    return raw if (tag.scale, tag.offset) == (1.0, 0.0) else raw * tag.scale + tag.offset
