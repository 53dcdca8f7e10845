"""A site's layout: its file, and the locations that a CSV file adds."""

import json
from dataclasses import replace
from pathlib import Path

from devices.map.text import Path as Steps
from devices.map.text import Spot
from gateway.csvload import line_of_location, read_locations
from gateway.layoutfile import Source, checked, source_of
from routing.layout import Layout
from routing.lif import is_lif
from routing.writing import to_json


def read_site_layout(path: Path, places: Path | None) -> tuple[str, Layout]:
    """A site's layout with the locations of a CSV file, and the same as JSON text.

    Raises LayoutError and CsvErrors with everything that is wrong, OSError.
    """
    source = source_of(path)
    if places is not None:
        source = _with_places(source, places)
    layout, data = checked(source), source.data
    return json.dumps(to_json(layout) if is_lif(data) else data, sort_keys=True), layout


def _with_places(source: Source, places: Path) -> Source:
    data = source.data
    own = (data.get("locations") or []) if isinstance(data, dict) else None
    if not isinstance(own, list):
        return source  # which will be said
    rows = [row.model_dump() for row in read_locations(places)]

    def spot(path: Steps) -> Spot:
        match path:
            case ("locations", int(at), *_) if at >= len(own):
                return Spot(str(places), line_of_location(places, rows[at - len(own)]["code"]), 1)
            case _:
                return source.spot(path)

    return replace(source, data={**data, "locations": [*own, *rows]}, spot=spot)
