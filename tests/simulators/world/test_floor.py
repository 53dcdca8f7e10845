"""The simulated people walk as far as the gateway believes, on free floors and in blocks."""

import random
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from routing.layout import layout_from
from routing.tour import tour
from simulators.world.floor import bays, walks

DEMO = Path(__file__).parents[3] / "config" / "demo" / "layout.yaml"
HALL: dict[str, Any] = {
    "blocks": [
        {"id": "A", "aisles": 4, "bays": 9, "blocks": 2, "levels": 2, "x": 5.0},
        {"id": "B", "aisles": 2, "bays": 3, "x": 50, "aisle_pitch_mm": 2500, "cross": 1.5},
    ],
    "nodes": [{"id": 1, "x": 0, "y": 0, "kind": "depot"}],
    "edges": [{"u": 1, "v": "A-x0-01"}, {"u": "A-x1-04", "v": "B-x0-01", "length_m": 40}],
}


@pytest.mark.parametrize("data", [YAML(typ="safe").load(DEMO), HALL], ids=["free", "blocks"])
def test_both_sides_measure_the_same(data: dict[str, Any]) -> None:
    layout, metres, chance = layout_from(data, "x"), walks(data), random.Random(7)
    for _ in range(40):
        a, b = chance.choice(layout.ids), chance.choice(layout.ids)
        assert metres[a][b] == pytest.approx(tour(layout, a, [], b).length_mm / 1000)


def test_shelves_of_blocks_hang_on_the_same_nodes() -> None:
    locations = layout_from(HALL, "x").locations.values()
    assert bays(HALL) == {location.code: location.node for location in locations}
