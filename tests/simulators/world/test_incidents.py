"""What goes wrong on a floor, and how people and belts behave then; virtual time throughout."""

from typing import Any

import pytest

from simulators.world.control import Control
from simulators.world.stage import Answer
from tests.simulators.world.plant import LIGHT, Plant

MUGS = [("A-01-1", "SKU-001", 2)]
TWO_STOPS = [("A-01-1", "SKU-001", 2), ("A-04-1", "SKU-007", 3)]
FIRST, SECOND = "L00000001", "L00000002"


def ask(plant: Plant, what: str, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = Control(plant.world).answer({"ask": what, **fields})
    assert "refused" not in answer, answer
    return answer


def place(plant: Plant, lpn: str = FIRST) -> str:
    return plant.places().get(lpn, "")


def reaches(plant: Plant, place_starts: str, lpn: str = FIRST) -> None:
    plant.until(lambda: place(plant, lpn).startswith(place_starts))


# --- the picker ---


def test_a_picker_takes_what_is_there_and_presses_short() -> None:
    plant = Plant([[("A-06-2", "RARE-03", 3)]])
    plant.world.goods.shelf["A-06-2", "RARE-03"] = 2
    plant.world.goods.initial["RARE-03"] = 2
    reaches(plant, "lane:")
    (press,) = [message for _, _, message in plant.told if message["fact"] == "press"]
    assert press == {"fact": "press", "light": "A-12", "button": "short", "qty": 2}


def test_where_several_items_lie_the_picker_asks_the_screen() -> None:
    plant = Plant([[("A-06-2", "RARE-05", 1)]])
    reaches(plant, "lane:")
    assert plant.world.goods.cartons[FIRST].contents["RARE-05"] == 1
    assert "/api/work/PICK-A" in {said.path for said in plant.said}


def test_without_a_tone_the_picker_scans_again_after_three_seconds() -> None:
    plant = Plant([MUGS])
    plant.away.add("hand1")
    plant.run(10)
    assert place(plant) == "hands"
    plant.away.clear()
    reaches(plant, "lane:")
    assert len(plant.world.goods.cartons) == 1


def test_a_press_that_got_lost_is_pressed_again_but_nothing_is_taken_twice() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.world.lamps.lit)
    plant.away.add("ptl_a")
    plant.until(lambda: plant.saw("picked"))
    plant.away.clear()
    reaches(plant, "lane:")
    assert plant.world.goods.cartons[FIRST].contents["SKU-001"] == 2
    assert len(plant.saw("picked")) == 1


def test_a_zone_without_power_in_mid_pick_is_waited_for() -> None:
    plant = Plant([TWO_STOPS])
    plant.until(lambda: len(plant.saw("picked")) == 1)
    plant.world.gone("ptl_a")
    plant.run(20)
    assert place(plant) == "hands"
    plant.hello("ptl_a")
    plant.run(2)
    assert place(plant) == "hands"
    assert plant.picking is not None
    plant.lamp("A-00", "1", text=FIRST)
    plant.light_up(plant.picking)
    reaches(plant, "lane:")
    assert sum(plant.world.goods.cartons[FIRST].contents.values()) == 5


def test_a_carton_put_down_too_early_is_taken_back_when_a_lamp_is_lit_again() -> None:
    plant = Plant([TWO_STOPS])
    plant.until(lambda: len(plant.saw("picked")) == 1)
    plant.run(0.05)
    for light in ("A-00", LIGHT["A-04-1"]):
        plant.lamp(light, None)
    reaches(plant, "rack")
    plant.lamp(LIGHT["A-04-1"], "1.1", 3)
    plant.until(lambda: plant.saw("taken back"))
    reaches(plant, "lane:")


def test_when_lamps_go_out_before_the_press_nothing_is_taken() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.world.lamps.lit)
    plant.lamp("A-00", None)
    plant.lamp(LIGHT["A-01-1"], None)
    reaches(plant, "rack")
    assert not plant.saw("picked")
    assert not +plant.world.goods.cartons[FIRST].contents


def test_a_plate_refused_three_times_is_put_aside() -> None:
    plant = Plant([MUGS])
    assert plant.picking is not None
    plant.picking.lpn = SECOND
    reaches(plant, "folded")
    reaches(plant, "lane:", SECOND)


def test_a_bound_carton_is_kept_while_the_display_cannot_change() -> None:
    plant = Plant([MUGS])
    plant.light_up = lambda order: None  # type: ignore[method-assign]
    plant.lamp_lost = True
    plant.until(lambda: plant.bound)
    plant.run(20)
    assert place(plant) == "hands"
    del plant.light_up
    plant.lamp_lost = False
    assert plant.picking is not None
    plant.lamp("A-00", "1", text=FIRST)
    plant.light_up(plant.picking)
    reaches(plant, "lane:")


def test_a_new_carton_refused_while_lamps_are_lit_goes_back_to_the_stack() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.world.lamps.lit)
    for light in ("A-00", LIGHT["A-01-1"]):
        plant.lamp(light, None)
    reaches(plant, "rack")
    assert plant.picking is not None
    plant.lamp("A-00", "again", text="SCAN CARTON")
    plant.until(lambda: place(plant, SECOND) == "hands")
    plant.light_up(plant.picking)
    plant.until(lambda: plant.saw("taken back"))
    assert place(plant, SECOND) == "stack"
    plant.lamp("A-00", None)
    reaches(plant, "lane:")


# --- belts ---


def test_without_the_gateways_beat_cartons_wait_at_the_eye() -> None:
    plant = Plant([MUGS])
    reaches(plant, "pack")
    plant.until(lambda: plant.saw("labelled"))
    plant.away.add("gateway")
    reaches(plant, "eye")
    plant.run(30)
    assert place(plant) == "eye"
    plant.away.clear()
    reaches(plant, "lane:1")


def test_a_plc_restarted_under_a_carton_lets_it_run_round_and_takes_it_in_again() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.saw("tunnel"))
    plant.power_plc()
    reaches(plant, "lane:1")
    assert [row["went"] for row in plant.saw("at the blade")] == ["0", "1"]
    assert [row["track"] for row in plant.saw("inducted")] == [1, 1]


@pytest.mark.parametrize(("fault", "result"), [("full", 2), ("jam", 3)])
def test_a_lane_full_or_jammed_sends_cartons_round(fault: str, result: int) -> None:
    plant = Plant([MUGS])
    ask(plant, "fault", lane="1", fault=fault, on=True)
    plant.until(lambda: len(plant.saw("at the blade")) == 3)
    assert place(plant) == "loop"
    plant.run(1)
    assert plant.bank.get("cfm_result") == result
    ask(plant, "fault", lane="1", fault=fault, on=False)
    reaches(plant, "lane:1")


def test_a_lane_is_full_by_its_cartons_and_says_so() -> None:
    plant = Plant([])
    ask(plant, "place", to="lane:1", count=12)
    plant.run(0.1)
    assert plant.bank.get("lane1.full") == 1
    plant.until(lambda: plant.bank.get("lane1.full") == 0)
    assert [row["door"] for row in plant.saw("on the dock")] == ["DOOR-1"]


def test_a_carton_without_a_label_leaves_the_stop_after_twenty_seconds() -> None:
    plant = Plant([MUGS])
    reaches(plant, "pack")
    plant.away.add("scale1")
    plant.until(lambda: plant.saw("no label came"))
    (weighed,), (given_up,) = plant.saw("weighed"), plant.saw("no label came")
    assert given_up["at"] - weighed["at"] == pytest.approx(20.1)
    plant.until(lambda: plant.saw("in lane"))
    assert plant.saw("in lane")[0]["lane"] == "3"


def test_a_label_for_another_carton_goes_to_waste() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.saw("weighed"))
    plant.act("print1", "label", fields=["L00000099"], codes=["L00000099"], exception=False)
    reaches(plant, "lane:1")
    assert len(plant.saw("label wasted")) == 1


def test_a_vehicle_reports_what_is_not_there() -> None:
    plant = Plant([])
    plant.act("amr1", "amr_pick", vehicle="amr1", lpns=["L00000077"])
    plant.run(1)
    (loaded,) = [message for _, _, message in plant.told if message["fact"] == "amr_loaded"]
    assert loaded["lpns"] == [] and loaded["missing"] == ["L00000077"]


def test_a_vehicle_that_was_rebooted_is_told_what_it_carries() -> None:
    plant = Plant([])
    (lpn,) = ask(plant, "place", to="rack")["lpns"]
    plant.away.add("amr1")
    plant.act("amr1", "amr_pick", vehicle="amr1", lpns=[lpn])
    plant.run(1)
    plant.away.clear()
    plant.hello("amr1")
    plant.run(0.1)
    assert plant.told[-1][2] == {"fact": "amr_on_board", "vehicle": "amr1", "lpns": [lpn]}


# --- hospital and desk ---


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
