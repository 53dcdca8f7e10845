"""The planner process: long plans away from the loop. One JSON line in, one out; it ends when its
input does.

{"layout": "..."}                                              the layout from here on, as JSON text
{"id": "12-3", "start": "STACK", "end": "DOCK", "locations": [...]}
  -> {"id": "12-3", "locations": [...], "length_mm": 81000, "optimal": true}
  -> {"id": "12-3", "error": "..."}
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from routing.errors import RoutingError
from routing.floor import NodeId
from routing.layout import Layout, layout_from
from routing.tour import tour

NICE = 10  # the loop goes first


def plan(layout: Layout, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The locations in walking order, those of one node by their code. Raises RoutingError."""
    at_node: dict[NodeId, list[str]] = defaultdict(list)
    for location in sorted(asked["locations"]):
        at_node[layout.locations[location].node].append(location)
    found = tour(layout, asked["start"], list(at_node), asked["end"])
    walked = [location for node in found.order for location in at_node[node]]
    return {"locations": walked, "length_mm": found.length_mm, "optimal": found.optimal}


def answers(lines: Iterable[str]) -> Iterable[str]:
    layout: Layout | str = "the planner was told no layout"
    for line in lines:
        asked = json.loads(line)
        if "layout" in asked:
            layout = _read(asked["layout"])
        else:
            yield json.dumps({"id": asked["id"], **_tried(layout, asked)})


def _read(text: str) -> Layout | str:
    """The layout, or why there is none."""
    try:
        return layout_from(json.loads(text), "site")
    except (RoutingError, ValueError) as err:
        return str(err)


def _tried(layout: Layout | str, asked: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(layout, str):
        return {"error": layout}
    try:
        return plan(layout, asked)
    except KeyError as err:
        return {"error": f"the layout has no location {err}"}
    except RoutingError as err:
        return {"error": str(err)}


def main() -> None:
    os.nice(NICE)
    for answer in answers(sys.stdin):
        print(answer, flush=True)


if __name__ == "__main__":
    main()
