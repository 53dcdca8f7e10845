"""Pictures are well-formed, say everything in words, and show there and back as two lines."""

import math
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from routing.lanes import arrows, kept_right
from routing.layout import Layout, layout_from
from routing.racks import faces
from routing.svg import Walk, picture
from routing.tour import tour

SVG = "{http://www.w3.org/2000/svg}"


def hall(**more: object) -> Layout:
    block = {"id": "A", "aisles": 3, "bays": 6, "blocks": 2}
    depot = {"id": "DEPOT", "x": -2, "y": 0, "kind": "depot"}
    return layout_from(
        {"blocks": [block], "nodes": [depot], "edges": [{"u": "DEPOT", "v": "A-x0-01"}]} | more,
        "hall",
    )


def titles(text: str) -> list[str]:
    return [title.text or "" for title in ElementTree.fromstring(text).iter(f"{SVG}title")]


def test_every_stop_end_and_closure_is_named() -> None:
    layout = hall()
    blocked, closed = [("A-02-001", "A-02-002")], ["A-02-005"]
    walk = tour(layout, "DEPOT", ["A-03-002", "A-01-004"], "DEPOT", blocked=blocked, closed=closed)
    text = picture(layout, [Walk(walk)], title="hall 1", blocked=blocked, closed=closed)
    said = titles(text)
    assert {f"stop {n}: {stop}" for n, stop in enumerate(walk.order, 1)} < set(said)
    assert "start and end: DEPOT" in said
    assert "blocked: A-02-001 to A-02-002" in said and "closed: A-02-005" in said
    shown = [element.text for element in ElementTree.fromstring(text).iter(f"{SVG}text")]
    assert shown[-2:] == [
        "hall 1",
        f"26.0 m, {round(walk.seconds)} s, 2 stops, sweep, no walk is shorter",
    ]
    assert {"1", "2"} < set(shown)


def test_batches_have_a_number_each_and_never_colour_alone() -> None:
    layout = hall()
    walks = [
        Walk(tour(layout, "DEPOT", [pick], "DEPOT"), f"batch {n}", f"{n}.")
        for n, pick in enumerate(["A-03-002", "A-01-004"], 1)
    ]
    said = titles(picture(layout, walks))
    assert "stop 1.1: A-03-002" in said and "stop 2.1: A-01-004" in said
    assert [words.split(":")[0] for words in said if words.startswith("batch")] == [
        "batch 1",
        "batch 2",
    ]


def test_ids_are_text_and_never_markup() -> None:
    name = "<script>&\"'"
    layout = layout_from(
        {
            "nodes": [{"id": name, "x": 0, "y": 0, "kind": "bay"}, {"id": "b", "x": 0, "y": 2}],
            "edges": [{"u": name, "v": "b"}],
        },
        "<hall>",
    )
    text = picture(layout, [Walk(tour(layout, "b", [name], "b"))], closed=[name])
    assert f"stop 1: {name}" in titles(text) and "<script" not in text


def test_floors_stand_side_by_side() -> None:
    floors = [
        {"id": f"{f}{n}", "x": 0, "y": 3 * n, "floor": f, "kind": "lift" if n == 0 else "bay"}
        for f in (0, 1)
        for n in range(4)
    ]
    edges = [
        {"u": f"{f}{n}", "v": f"{f}{n + 1}", "kind": "aisle"} for f in (0, 1) for n in (0, 1, 2)
    ]
    layout = layout_from(
        {"nodes": floors, "edges": [*edges, {"u": "00", "v": "10", "length": 8, "kind": "lift"}]},
        "tower",
    )
    text = picture(layout, [Walk(tour(layout, "01", ["12"], "01"))], blocked=[("00", "10")])
    lines = [e.get("points", "") for e in ElementTree.fromstring(text).iter(f"{SVG}polyline")]
    assert len(lines) == 3  # down to the lift, along the other floor and back, home
    left = [float(line.partition(",")[0]) for line in lines]
    assert left[1] > left[0] + 50 and abs(left[2] - left[0]) < 20
    assert [e.text for e in ElementTree.fromstring(text).iter(f"{SVG}text")][:3:2] == [
        "floor 0",
        "lift",
    ]


def test_shelves_stand_between_the_aisles() -> None:
    layout = hall()
    found = faces(layout)
    assert len(found) == 36
    for face in found:
        node = layout.nodes[face.node]
        away = (face.middle[0] - node.x_mm) * (1 if face.side == "right" else -1)
        assert 300 < away < 1500 and math.isclose(face.middle[1], node.y_mm)
        assert all(abs(x - node.x_mm) <= 1501 for x, _ in face.corners)


POINTS = st.lists(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=12, unique=True
)


@given(POINTS, st.sampled_from([-3.0, 0.5, 3.0]))
def test_a_line_kept_aside_keeps_its_distance(points: list[tuple[int, int]], by: float) -> None:
    line = kept_right(points, by)
    assert math.isclose(math.dist(line[0], points[0]), abs(by), abs_tol=1e-9)
    assert math.isclose(math.dist(line[-1], points[-1]), abs(by), abs_tol=1e-9)
    for place in line:
        nearest = min(math.dist(place, corner) for corner in points)
        assert nearest <= abs(by) * 2.6  # a mitre is never long


def test_there_and_back_are_two_lines() -> None:
    assert kept_right([(0, 0), (5, 0), (10, 0), (0, 0)], 1.0) == [
        (0, -1),
        (10, -1),
        (10, 1),
        (0, 1),
    ]


@given(POINTS, st.floats(0.5, 40))
def test_arrows_stand_on_the_line_and_look_along_it(
    points: list[tuple[int, int]], every: float
) -> None:
    length = sum(math.dist(a, b) for a, b in pairwise(points))
    found = list(arrows(points, every))
    assert abs(len(found) - length / every) <= 1
    for (x, y), way in found:
        on = [
            (a, b)
            for a, b in pairwise(points)
            if abs(math.dist(a, (x, y)) + math.dist((x, y), b) - math.dist(a, b)) < 1e-6
        ]
        assert any(
            math.isclose(math.cos(way - math.atan2(b[1] - a[1], b[0] - a[0])), 1.0) for a, b in on
        )
