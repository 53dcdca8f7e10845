"""What a picker has to walk, drawn: the next step first, a batch as one walk, floors apart."""

import dataclasses
from pathlib import Path
from typing import Any

from gateway.views.ground import ground, ground_of, picture
from gateway.views.walks import at_the_shelf, cut_around, nodes_left, path_drawn, way
from gateway.views.work import Walking, task, walking
from routing.layout import layout_from
from tests.gateway.web.bench import bench, settings
from tests.pages.busy import busy, pick, step
from wcs.model import Batch, Pick
from wcs.names import LocationCode, Lpn, OrderKey, StationId, TaskId

SITE = settings(None).site
PICK_A = StationId("PICK-A")


def of_a_batch(key: str, order: str, state: str, *places: str) -> Pick:
    steps = [
        dataclasses.replace(step(n, code, f"A-{code[3]}", n), task=TaskId(f"{key}.{n}"))
        for n, code in enumerate(places, 1)
    ]
    return dataclasses.replace(
        pick(state), key=TaskId(key), order=OrderKey(order), steps=tuple(steps), batch="9-1"
    )


async def test_a_batch_is_one_walk_and_its_task_the_next_step_of_all(tmp_path: Path) -> None:
    walk = tuple(LocationCode(code) for code in ("A-01-1", "A-02-1", "A-05-1"))
    batch = Batch(key="9-1", station=PICK_A, orders=(), state="picking", walk=walk)
    one = of_a_batch("12", "shop:1003", "picking", "A-02-1")
    two = of_a_batch("13", "shop:1004", "picking", "A-01-1", "A-05-1")
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        await busy(desk)
        await desk.save(batch, one, dataclasses.replace(two, lpn=Lpn("L00001004")))
        seen = walking(conn, PICK_A)
        assert seen and seen.words == "2 orders"
        assert [s.location for s in seen.steps] == ["A-01-1", "A-02-1", "A-05-1"]
        found = task(conn, PICK_A)
        assert found and (found["task"], found["lpn"]) == ("13.1", "L00001004")
        assert (found["step"], found["steps"]) == (1, 3)
        waiting = dataclasses.replace(one, state="carton", lpn=None)
        await desk.save(waiting)
        found = task(conn, PICK_A)
        assert found and (found["state"], found["pick"]) == ("carton", "12")


def test_what_is_left_is_walked_from_where_the_picker_stands() -> None:
    floor, zone = ground_of(SITE.layout), SITE.zones[0]
    walk = Walking(PICK_A, "shop:1003", pick().steps)
    assert nodes_left(floor.layout, zone, walk.steps) == ["B1", "B2", "B5", "B6", "HANDOVER"]
    drawn = path_drawn(floor, zone, walk, at_the_shelf(floor))
    assert drawn.metres == 9.0 and len(drawn.lines) == 1
    assert [(stop.text, stop.state) for stop in drawn.stops] == [
        ("1", "done"),
        ("2", "next"),
        ("3", "open"),
    ]
    fresh = dataclasses.replace(walk.steps[0], state="open")
    assert nodes_left(floor.layout, zone, (fresh, *walk.steps[1:]))[0] == zone.start
    cut = cut_around(floor, ["B1", "HANDOVER"])
    assert all(
        cut.x < floor.nodes[node].x < cut.x + cut.w and cut.y < floor.nodes[node].y < cut.y + cut.h
        for node in ("B1", "B6", "HANDOVER")
    )


def test_two_steps_at_one_place_are_one_stop() -> None:
    floor = ground_of(SITE.layout)
    steps = (step(1, "A-01-1", "A-01", 2), step(2, "A-01-1", "A-01", 3))
    walk = Walking(PICK_A, "shop:1", steps)
    (stop,) = path_drawn(floor, SITE.zones[0], walk, at_the_shelf(floor)).stops
    assert (stop.text, stop.words) == ("1,2", "stop 1,2: 5 at A-01-1, the next one")


def test_floors_stand_apart_and_ids_are_never_markup() -> None:
    nodes = [
        {"id": f"<{f}{n}>", "x": 3 * n, "y": 0, "floor": f, "kind": "bay" if n else "lift"}
        for f in (0, 1)
        for n in (0, 1)
    ]
    edges: list[dict[str, Any]] = [{"u": f"<{f}0>", "v": f"<{f}1>"} for f in (0, 1)]
    edges.append({"u": "<00>", "v": "<10>", "length_m": 6.0, "kind": "lift"})
    found = ground(layout_from({"nodes": nodes, "edges": edges}, "tower"))
    assert found.nodes["<10>"].x > found.nodes["<01>"].x + 50
    assert "&lt;11&gt;" in picture(found) and "<11>" not in picture(found)
    assert way(found.layout, "<01>", "<11>") == ("<01>", "<00>", "<10>", "<11>")


def test_a_way_that_is_not_there_is_drawn_straight() -> None:
    layout = layout_from({"nodes": [{"id": "a", "x": 0, "y": 0}, {"id": "b", "x": 1, "y": 0}]}, "x")
    assert way(layout, "a", "b") == ("a", "b") and way(layout, "a", "a") == ("a",)
