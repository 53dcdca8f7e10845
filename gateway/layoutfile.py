"""A layout file read and checked, whatever it is written in."""

import json
from pathlib import Path

from devices.map.files import load_plain
from devices.map.load import MapErrors
from routing.errors import LayoutError
from routing.layout import Layout, layout_from


def read_layout(path: Path) -> Layout:
    """The layout of a YAML or JSON file.

    Raises LayoutError with everything that is wrong, OSError when the file cannot be read.
    """
    data = _data(path)
    if not isinstance(data, dict):
        problem = "nodes, edges and blocks are needed, each under its key"
        raise LayoutError(path.name, [f"{path}:1:1: {problem}"])
    try:
        return layout_from(data, path.name)
    except LayoutError as err:
        raise LayoutError(path.name, [f"{path}: {one}" for one in err.problems]) from err


def _data(path: Path) -> object:
    text = path.read_text("utf-8")
    if text.lstrip().startswith("{"):
        return json.loads(text)
    try:
        return load_plain(path)
    except MapErrors as err:
        raise LayoutError(path.name, map(str, err.errors)) from err
