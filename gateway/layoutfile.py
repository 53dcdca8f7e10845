"""A layout file read and checked, whatever it is written in, and written again.

Every problem of a file carries its place: `hall.yaml:12:5: edges[3] A-B: unknown node B`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from devices.map.text import MapError, Spot
from devices.map.text import Path as Steps
from gateway.jsonspots import WrittenJson
from gateway.yamlrows import Written
from routing.errors import LayoutError
from routing.geojson import to_geojson
from routing.layout import Layout, layout_from
from routing.lif import is_lif, layout_from_lif, to_lif
from routing.problems import Problem
from routing.writing import to_json

Format = Literal["json", "lif", "geojson"]


class LayoutFileError(LayoutError):
    """Everything that is wrong with a file, a line each, in the order of the file."""

    def __str__(self) -> str:
        return "\n".join(self.problems)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says: plain data, what is wrong with the writing, and where a thing stands."""

    path: Path
    data: Any
    errors: list[MapError]
    spot: Callable[[Steps], Spot]


def read_layout(path: Path) -> Layout:
    """The layout of a YAML, JSON or LIF file.

    Raises LayoutError with everything that is wrong with it, OSError when it cannot be read.
    """
    return checked(source_of(path))


def write_layout(layout: Layout, form: Format, at: datetime | None = None) -> str:
    """JSON text that ends with a line. at: what LIF calls the time of its export, else now."""
    if form == "lif":
        data = to_lif(layout, f"{(at or datetime.now(UTC)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    else:
        data = to_json(layout) if form == "json" else to_geojson(layout)
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def source_of(path: Path) -> Source:
    """By its content; a YAML file may look like JSON. Raises LayoutError, OSError."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as err:
        told = f"{path}:1:1: not text in UTF-8: {err.reason} at byte {err.start}"
        raise LayoutFileError(path.name, [told]) from err
    read = _read(text, path)
    return Source(path, read.data, read.errors, read.spot)


def _read(text: str, path: Path) -> Written | WrittenJson:
    if text.lstrip().startswith(("{", "[")):
        found = WrittenJson(text, str(path))
        if found.data is not None or path.suffix not in (".yaml", ".yml"):
            return found
    return Written(text, str(path))


def checked(source: Source) -> Layout:
    """Raises LayoutError with what is wrong with the writing and with the layout."""
    told = [(error.spot, str(error)) for error in source.errors]
    said = {error.path for error in source.errors}
    try:
        layout = _layout(source)
    except LayoutError as err:
        for problem in err.problems:
            path = problem.path if isinstance(problem, Problem) else ()
            spot = source.spot(path)
            if path not in said:
                told.append((spot, f"{spot}: {_told(problem, spot, source)}"))
    if told:
        raise LayoutFileError(source.path.name, [line for _, line in sorted(told)])
    return layout


def _told(problem: str, spot: Spot, source: Source) -> str:
    """A row of another file is no numbered item of this one."""
    own = spot.file == str(source.path)
    return problem if own else re.sub(r"^locations\[\d+\]", "location", problem)


def _layout(source: Source) -> Layout:
    data, name = source.data, source.path.stem
    if not isinstance(data, dict):
        unread = [] if source.errors else ["nodes, edges and blocks are needed, each under its key"]
        raise LayoutError(name, unread)
    return layout_from_lif(data, name) if is_lif(data) else layout_from(data, name)
