"""The floor as a drawing: everything of the site is on it, nothing lies on anything else."""

from itertools import combinations

from gateway.views.drawing import CELL_H, CELL_W, LANE_W, drawing
from gateway.views.ground import ground_of
from tests.gateway.web.bench import settings

SITE = settings(None).site


def test_everything_of_the_site_is_drawn() -> None:
    made = drawing(SITE, ground_of(SITE.layout))
    assert {cell.location for cell in made.cells} == set(SITE.zones[0].light_of)
    assert [lane.lane for lane in made.lanes] == ["1", "2", "3"]
    assert [lane.carrier for lane in made.lanes] == ["swift", "parcelo", ""]
    drawn = {stage.device for stage in made.stages}
    assert {SITE.merge.device, SITE.pack.scale, SITE.sorter.scanner, SITE.sorter.device} <= drawn
    assert len(made.track) == len(SITE.trips.way)


def test_it_stays_within_its_frame() -> None:
    made = drawing(SITE, ground_of(SITE.layout))
    spots = [*made.nodes.values(), *made.track, *made.belt]
    places = [(spot.x, spot.y) for spot in spots]
    places += [(lane.x + LANE_W, lane.y) for lane in made.lanes]
    assert all(0 <= x <= made.width and 0 <= y <= made.height for x, y in places)


def test_no_two_cells_overlap() -> None:
    made = drawing(SITE, ground_of(SITE.layout))
    for one, other in combinations(made.cells, 2):
        apart = abs(one.x - other.x) >= CELL_W or abs(one.y - other.y) >= CELL_H
        assert apart, (one, other)


def test_metres_become_pixels_with_y_upwards() -> None:
    made = drawing(SITE, ground_of(SITE.layout))
    stack, handover = made.nodes["STACK"], made.nodes["HANDOVER"]
    assert stack.x == handover.x and stack.y - handover.y == 3 * 42
