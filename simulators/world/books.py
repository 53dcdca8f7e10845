"""The world's own books: what lies where, and what physically happened, for who compares."""

from typing import Any

from simulators.world.goods import Carton, as_rows
from simulators.world.world import World


def books(world: World) -> dict[str, Any]:
    """`initial` pieces by SKU equal the sum of `shelf`, and of `contents` of all cartons.

    missing: what the stock file claims and never lay there. lanes: cartons in the order in which
    they reached each lane. hospital: every visit with what was physically wrong. sorter: every
    command that the PLC saw, its seconds since the induction eye, and whether it came after the
    blade. tones: seconds from trigger to tone, None without one. out: left with a truck, or
    stands at a door or in a lane to one.
    """
    goods = world.goods
    ways_out = ("door:", "truck:", *(f"lane:{lane}" for lane in world.given.numbers.sorter.doors))
    seen = list(world.witness.log)
    return {
        "initial": dict(goods.initial),
        "pieces": dict(goods.pieces()),
        "missing": [
            {"location": location, "sku": sku, "qty": qty}
            for (location, sku), qty in world.story.missing.items()
        ],
        "shelf": as_rows(goods.shelf),
        "cartons": [_row(carton, ways_out) for carton in goods.cartons.values()],
        "lanes": {
            lane: [row["lpn"] for row in seen if row["saw"] == "in lane" and row["lane"] == lane]
            for lane in world.lanes.lanes
        },
        "hospital": [row for row in seen if row["saw"] == "in hospital"],
        "sorter": [row for row in seen if row["saw"] == "said by " + world.given.stations.sorter],
        "tones": [row for row in seen if row["saw"] == "tone"],
        "faults": [row for row in seen if row["saw"] in ("fault", "moved by hand", "hidden")],
        "log": seen,
    }


def _row(carton: Carton, ways_out: tuple[str, ...]) -> dict[str, Any]:
    return {
        "lpn": carton.lpn,
        "place": carton.place,
        "contents": dict(+carton.contents),
        "defect": carton.defect,
        "label": list(carton.sticker.codes) if carton.sticker else [],
        "ships": carton.ships,
        "out": carton.place.startswith(ways_out),
    }
