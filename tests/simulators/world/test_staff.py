"""Hospital worker and counter, in virtual time: errands, remedies and silence."""

import pytest

from simulators.world.control import Control
from simulators.world.stage import Answer
from tests.simulators.world.plant import Plant
from tests.simulators.world.steps import FIRST, MUGS, ask, place, reaches


def test_a_refusal_that_names_another_remedy_is_followed() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    said = {"reinduct": Answer(409, {"reason": f"{FIRST} is cancelled: put back"})}
    plant.answers[f"/api/hospital/{FIRST}"] = said["reinduct"]
    more = {"sku": "SKU-001", "location": "A-01-1", "qty": 2}
    plant.errand("DESK", "put_back", FIRST, remedy="put back", **more)
    ask(plant, "move", lpn=FIRST, to="hospital")
    reaches(plant, "folded")
    assert [row["remedy"] for row in plant.saw("remedy")] == ["reinduct", "put_back"]


def test_nothing_is_carried_home_while_nobody_answers() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    plant._in_hospital = lambda lpn: plant.errand("HOSPITAL", "hospital", lpn, remedy="put back")  # type: ignore[method-assign]
    plant.answers["/api/work/DESK"] = Answer(0, {})
    ask(plant, "move", lpn=FIRST, to="hospital")
    plant.run(30)
    assert [row["remedy"] for row in plant.saw("remedy")] == ["put_back"]
    assert place(plant) == "hospital"
    assert plant.world.goods.cartons[FIRST].contents["SKU-001"] == 2


def test_a_cancelled_carton_with_nothing_on_its_list_is_pressed_emptied() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    plant._in_hospital = lambda lpn: plant.errand("HOSPITAL", "hospital", lpn, remedy="put back")  # type: ignore[method-assign]
    ask(plant, "move", lpn=FIRST, to="hospital")
    reaches(plant, "folded")
    assert {"remedy": "emptied"} in [said.body for said in plant.said]


def test_a_cancelled_carton_is_emptied_piece_by_piece() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    more = {"sku": "SKU-001", "location": "A-01-1", "qty": 2}
    plant.errand("DESK", "put_back", FIRST, remedy="put back", **more)
    plant._in_hospital = lambda lpn: plant.errand("HOSPITAL", "hospital", lpn, remedy="put back")  # type: ignore[method-assign]
    ask(plant, "move", lpn=FIRST, to="hospital")
    reaches(plant, "folded")
    assert plant.world.goods.shelf["A-01-1", "SKU-001"] == 5000
    (put,) = [said for said in plant.said if said.path == "/api/putbacks"]
    assert put.body == {"lpn": FIRST, **more}


def test_pieces_that_no_list_knows_are_carried_home_too() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    plant._in_hospital = lambda lpn: plant.errand("HOSPITAL", "hospital", lpn, remedy="emptied")  # type: ignore[method-assign]
    ask(plant, "move", lpn=FIRST, to="hospital")
    reaches(plant, "folded")
    assert plant.world.goods.shelf["A-01-1", "SKU-001"] == 5000
    assert len(plant.saw("put back unasked")) == 1


def test_a_carton_is_pulled_out_of_its_lane() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    plant.errand("DESK", "pull", FIRST)
    reaches(plant, "hospital")
    plant.until(lambda: f"/api/cartons/{FIRST}/pulled" in {said.path for said in plant.said})


def test_a_pulled_carton_is_never_driven_off() -> None:
    plant = Plant([MUGS])
    reaches(plant, "door:")
    plant.world.dock.wanted = {FIRST}
    ask(plant, "depart")
    assert place(plant) == "door:DOOR-1"


@pytest.mark.parametrize(("for_ever", "word"), [(False, "found"), (True, "lost")])
def test_a_search_ends_with_what_is_true(for_ever: bool, word: str) -> None:
    plant = Plant([MUGS])
    reaches(plant, "loop")
    ask(plant, "hide", lpn=FIRST, for_ever=for_ever)
    plant.errand("DESK", "search", FIRST)
    plant.until(lambda: f"/api/cartons/{FIRST}/{word}" in {said.path for said in plant.said})


def test_a_carton_that_turned_up_while_somebody_walked_stays_in_its_lane() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    found = f"/api/cartons/{FIRST}/found"
    plant.answers[found] = Answer(409, {"reason": "nobody searches for it"})
    plant.errand("DESK", "search", FIRST)
    plant.until(lambda: found in {said.path for said in plant.said})
    plant.run(5)
    assert not plant.saw("carried to the hospital")


def test_a_count_says_what_lies_there() -> None:
    plant = Plant([])
    plant.errand("DESK", "count", "A-06-2", location="A-06-2", sku="RARE-01")
    plant.until(lambda: any(said.method == "POST" for said in plant.said))
    assert plant.said[-1].body == {"location": "A-06-2", "sku": "RARE-01", "qty": 3}


def test_people_try_again_with_the_same_key_while_nobody_answers() -> None:
    plant = Plant([])
    plant.errand("DESK", "count", "A-06-2", location="A-06-2", sku="RARE-01")
    plant.until(lambda: plant.saw("counted") or plant.said)
    plant.away.add("gateway")
    plant.run(30)
    plant.away.clear()
    plant.until(lambda: any(said.method == "POST" for said in plant.said))
    posts = [said for said in plant.said if said.method == "POST"]
    assert len({said.key for said in posts}) == 1


def test_the_books_say_where_everything_is() -> None:
    plant = Plant([MUGS])
    reaches(plant, "lane:1")
    books = ask(plant, "books")
    assert books["lanes"] == {"1": [FIRST], "2": [], "3": []}
    assert books["pieces"] == books["initial"]
    (carton,) = books["cartons"]
    assert (carton["place"], carton["ships"]) == ("lane:1", True)
    assert carton["contents"] == {"SKU-001": 2}


def test_a_wish_that_nobody_knows_is_refused_with_a_word() -> None:
    answer = Control(Plant([]).world).answer({"ask": "fly"})
    assert answer["refused"].startswith("nobody knows 'fly'; known: books")
