"""Pick paths over the site's layout, as far as a rule may compute them: exact and at once."""

import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Final

from routing.errors import RoutingError
from routing.layout import Layout, layout_from
from routing.tour import tour
from wcs.names import LocationCode
from wcs.site import Site

MOST_STOPS: Final = 10
"""More are the planner's."""


@lru_cache(maxsize=4)
def layout_of(text: str) -> Layout:
    """Raises LayoutError, ValueError when it is not JSON."""
    return layout_from(json.loads(text), "site")


def walk(
    layout: Layout, start: str, locations: Iterable[LocationCode], end: str
) -> tuple[tuple[LocationCode, ...], int]:
    """The locations in walking order and the length of the walk in millimetres."""
    at_node: dict[str, list[LocationCode]] = defaultdict(list)
    for location in sorted(set(locations)):
        at_node[layout.locations[location].node].append(location)
    found = tour(layout, start, list(at_node), end)
    return tuple(place for node in found.order for place in at_node[node]), found.length_mm


def warm(site: Site) -> None:
    """Pays what the first walk of each zone would pay: the floor read, its plan made."""
    layout = layout_of(site.layout)
    for zone in site.zones:
        places = list(zone.light_of)
        for some in (places[:1], places[:MOST_STOPS]):
            with suppress(RoutingError):
                walk(layout, zone.start, some, zone.end)


def stops(layout: Layout, locations: Iterable[LocationCode]) -> int:
    return len({layout.locations[location].node for location in locations})
