"""A device map as a table and back: one row a tag, columns as the fields are called.

Which of the first three columns are filled says what a row is: `connection` alone a connection,
`device` alone a device, `device` and `tag` a tag, none of them the site and its defaults. Whatever
has no column of its own stands in `more`, as YAML in one line. Lossless but for comments.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from devices.map.explain import unknown
from devices.map.reading import read
from devices.map.text import MapError, Part, Spot, plain
from devices.map.writing import flow, quoted, scalar

WHO: Final = ("connection", "device", "tag")
TEXTS: Final = ("at", "node", "type", "access", "poll", "unit", "permission", "note",
                "word_order", "byte_order")  # fmt: skip
"""Cells that are text as it stands; one that begins with a quotation mark ends with one."""
OTHERS: Final = ("scale", "offset", "range", "length", "count", "enum", "deadband", "counter",
                 "nan", "pulse", "debounce", "alarm", "sampling", "queue")  # fmt: skip
"""Cells that are read as a value in the map is."""
COLUMNS: Final = (*WHO, *TEXTS[:6], *OTHERS, *TEXTS[6:], "more")
FORMULA: Final = ("=", "+", "-", "@", '"')
"""A spreadsheet would compute what begins with these."""
LONGEST: Final = 1_000_000
Row = dict[str, str]


def table(tree: Mapping[Any, Any]) -> str:
    """The CSV of an expanded map (`Draft.tree`, plain)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(tree))
    return out.getvalue()


def _rows(tree: Mapping[Any, Any]) -> Iterator[Row]:
    named = [key for key in ("connections", "devices") if tree.get(key)]
    yield {"more": flow({key: one for key, one in tree.items() if key not in named})}
    for name, connection in tree.get("connections", {}).items():
        yield {"connection": _text(name), "more": flow(connection)}
    for name, device in tree.get("devices", {}).items():
        rest = {key: one for key, one in device.items() if key not in ("tags", "connection")}
        if "tags" in device and not device["tags"]:
            rest["tags"] = {}
        line = device.get("connection", "")
        yield {"connection": _text(line), "device": _text(name), "more": flow(rest)}
        for tag, one in device.get("tags", {}).items():
            yield {"device": _text(name), "tag": _text(tag), **_fields(one)}


def _fields(tag: Mapping[Any, Any]) -> Row:
    cells: Row = {}
    more: dict[Any, Any] = {}
    for field, value in tag.items():
        if field in TEXTS and isinstance(value, (str, int)) and not isinstance(value, bool):
            cells[field] = _text(value)
        elif field in OTHERS:
            cells[field] = _value(value)
        else:
            more[field] = value
    return {**cells, "more": flow(more)} if more else cells


def _text(value: object) -> str:
    text = str(value)
    odd = not text or text.startswith(FORMULA) or not text.isprintable() or text != text.strip()
    return quoted(text) if odd else text


def _value(value: Any) -> str:
    return flow(value) if isinstance(value, (dict, list)) else scalar(value)


# --- back -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Table:
    """What a CSV says, as the tree of a map; each value knows its row and column."""

    tree: Part
    errors: list[MapError]


def read_table(text: str, file: str, base: Part | None = None) -> Table:
    """`base` is a map that the rows are laid over: a PLC list with tags alone needs one."""
    reading = _Reading(file, base)
    try:
        reading.take(text)
    except csv.Error as err:
        reading.wrong(Spot(file, reading.row or 1, 1), f"not CSV: {err}")
    return Table(reading.tree, reading.errors)


class _Reading:
    def __init__(self, file: str, base: Part | None) -> None:
        self._file, self.row, self.errors = file, 0, list[MapError]()
        self.tree = base or Part(Spot(file, 1, 1), {}, {})

    def take(self, text: str) -> None:
        csv.field_size_limit(LONGEST)
        text = text.removeprefix("\ufeff")
        head = text.partition("\n")[0]
        delimiter = ";" if head.count(";") > head.count(",") else ","
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        names = [name.strip() for name in next(rows, [])]
        for column, name in enumerate(names, 1):
            if name not in COLUMNS:
                self.wrong(Spot(self._file, 1, column), unknown(name, COLUMNS))
        self.row = 1
        for cells in rows:
            self.row = rows.line_num
            self._take({n: (c, at) for at, (n, c) in enumerate(zip(names, cells, strict=False), 1)})

    def _take(self, cells: Mapping[str, tuple[str, int]]) -> None:
        told = {n: (cell, at) for n, (cell, at) in cells.items() if cell.strip() and n in COLUMNS}
        who = {n: str(self._literal(*told[n]).value) for n in WHO if n in told}
        if not told:
            return
        if "tag" in who and "device" not in who:
            self.wrong(self._spot(told["tag"][1]), "a tag needs its device")
            return
        fields = self._made({n: one for n, one in told.items() if n not in WHO})
        spot = Spot(self._file, self.row, 1)
        if "tag" in who:
            self._put(("devices", who["device"], "tags", who["tag"]), fields, spot)
        elif "device" in who:
            if "connection" in told:
                fields = {"connection": self._literal(*told["connection"]), **fields}
            self._put(("devices", who["device"]), fields, spot)
        else:
            self._put(("connections", who["connection"]) if who else (), fields, spot)

    def _made(self, cells: Mapping[str, tuple[str, int]]) -> dict[Any, Part]:
        fields = {n: self._cell(n, *one) for n, one in cells.items() if n != "more"}
        if "more" in cells:
            more = self._read(*cells["more"])
            if isinstance(more.value, dict):
                fields |= more.value
            else:
                self.wrong(more.spot, "`more` must be `{key: value, ...}`")
        return fields

    def _cell(self, name: str, cell: str, at: int) -> Part:
        return self._literal(cell, at) if name in TEXTS else self._read(cell, at)

    def _literal(self, cell: str, at: int) -> Part:
        if not cell.startswith('"'):
            return Part(self._spot(at), cell.strip(), {})
        return self._read(cell, at)

    def _read(self, cell: str, at: int) -> Part:
        spot = self._spot(at)
        found, errors = read(cell, self._file)
        self.errors += [MapError(spot, error.path, error.reason) for error in errors]
        return _at(found, spot) if found is not None else Part(spot, None, {})

    def _put(self, path: tuple[str, ...], fields: dict[Any, Part], spot: Spot) -> None:
        """What was there keeps what the row does not say."""
        self.tree = _with(self.tree, path, fields, spot)

    def _spot(self, column: int) -> Spot:
        return Spot(self._file, self.row, column)

    def wrong(self, spot: Spot, reason: str) -> None:
        self.errors.append(MapError(spot, (), reason))


def _at(tree: Part, spot: Spot) -> Part:
    if isinstance(tree.value, dict):
        inside = {key: _at(one, spot) for key, one in tree.value.items()}
        return Part(spot, inside, dict.fromkeys(inside, spot))
    if isinstance(tree.value, list):
        return Part(spot, [_at(one, spot) for one in tree.value], {})
    return Part(spot, tree.value, {})


def _with(tree: Part, path: tuple[str, ...], fields: dict[Any, Part], spot: Spot) -> Part:
    if not path:
        for key, one in fields.items():
            tree.value[key], tree.keys[key] = one, one.spot
        return tree
    name, *rest = path
    inner = tree.value.get(name)
    if inner is None or not isinstance(inner.value, dict):
        inner = Part(spot, {}, {})
        tree.value[name], tree.keys[name] = inner, spot
    _with(inner, tuple(rest), fields, spot)
    return tree


def plain_of(tree: Part) -> dict[Any, Any]:
    found: dict[Any, Any] = plain(tree)
    return found
