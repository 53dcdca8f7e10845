"""The planner process: long plans away from the loop. One JSON line in, one out; it ends when its
input does.

{"layout": "..."}                                              the layout from here on, as JSON text
{"id": 1, "tour": {"start": "STACK", "end": "DOCK", "locations": [...]}}
  -> {"id": 1, "locations": [...], "length_mm": 81000, "optimal": true}
{"id": 2, "path": {...}}     a `PathQuestion` as text, and its answer as on the command line
  -> {"id": 2, "walk": [...], ...} or {"id": 2, "error": "unreachable", "nodes": [...], ...}
{"id": 3, "batch": {"start": ..., "end": ..., "capacity": 4,
                    "orders": [{"order": "shop:1", "locations": [...]}, ...]}}
  -> {"id": 3, "orders": [[...], ...], "walks": [[...], ...], "lengths_mm": [...], "optimal": true}
  -> {"id": 3, "lost": "..."}                                  there is no answer, and why
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, Final

from gateway.routing.answers import path, time_is_up
from routing.batch import Order, batch
from routing.errors import RoutingError
from routing.layout import Layout, layout_from
from routing.tour import tour

NICE = 10  # the loop goes first
BATCH_MS: Final = 500  # a picker waits

Asked = Mapping[str, Any]
Answer = dict[str, Any]


def plan_tour(layout: Layout, asked: Asked) -> Answer:
    """The locations in walking order, those of one node by their code. Raises RoutingError."""
    found = tour(layout, asked["start"], sorted(asked["locations"]), asked["end"])
    return {"locations": found.order, "length_mm": found.length_mm, "optimal": found.optimal}


def plan_batch(layout: Layout, asked: Asked) -> Answer:
    """Put together as if the walks ended where they start; each is then the shortest to its end.

    Raises RoutingError.
    """
    places = {one["order"]: one["locations"] for one in asked["orders"]}
    found = batch(
        layout,
        [Order(id=order, picks=sorted(at)) for order, at in places.items()],
        asked["capacity"],
        depot=asked["start"],
        deadline=time_is_up(BATCH_MS, monotonic()),
    )
    walks = [
        plan_tour(layout, {**asked, "locations": {p for order in held for p in places[order]}})
        for held in found.batches
    ]
    return {
        "orders": found.batches,
        "walks": [one["locations"] for one in walks],
        "lengths_mm": [one["length_mm"] for one in walks],
        "optimal": found.optimal,
    }


KINDS: Final[dict[str, Callable[[Layout, Any], Answer]]] = {
    "tour": plan_tour,
    "batch": plan_batch,
    "path": lambda layout, text: path(layout, text).answer,
}


def answers(lines: Iterable[str]) -> Iterable[str]:
    layout: Layout | str = "the planner was told no layout"
    for line in lines:
        asked = json.loads(line)
        if "layout" in asked:
            layout = _read(asked["layout"])
        else:
            yield json.dumps({"id": asked.pop("id"), **_tried(layout, asked)})


def _read(text: str) -> Layout | str:
    """The layout, or why there is none."""
    try:
        return layout_from(json.loads(text), "site")
    except (RoutingError, ValueError) as err:
        return str(err)


def _tried(layout: Layout | str, asked: Asked) -> Answer:
    if isinstance(layout, str):
        return {"lost": layout}
    ((kind, question),) = asked.items()
    try:
        return KINDS[kind](layout, question)
    except RoutingError as err:
        return {"lost": str(err)}


def main() -> None:
    os.nice(NICE)
    for answer in answers(sys.stdin):
        print(answer, flush=True)


if __name__ == "__main__":
    main()
