"""The picker, in virtual time: lamps, tones, presses, and what a person does when they fail."""

from simulators.world.control import Control
from tests.simulators.world.plant import LIGHT, Plant
from tests.simulators.world.steps import FIRST, MUGS, SECOND, TWO_STOPS, ask, place, reaches


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


def test_after_a_power_cut_a_dark_zone_is_waited_for_while_the_gateway_is_dead_too() -> None:
    plant = Plant([TWO_STOPS])
    plant.until(lambda: len(plant.saw("picked")) == 1)
    plant.run(0.05)
    plant.away.add("gateway")
    plant.world.gone("ptl_a")
    plant.hello("ptl_a")
    plant.run(30)
    assert place(plant) == "hands"
    plant.away.clear()
    assert plant.picking is not None
    plant.lamp("A-00", "1", text=FIRST)
    plant.light_up(plant.picking)
    reaches(plant, "lane:")


def _no_tone(plant: Plant) -> None:
    """The picker has scanned, and both power and answer are gone."""
    plant.away.update({"gateway", "hand1"})
    plant.until(lambda: plant.saw("taken from the stack"))
    plant.run(0.2)
    plant.world.gone("ptl_a")
    plant.run(5)
    plant.hello("ptl_a")
    plant.away.clear()


def test_a_plate_that_was_not_answered_before_a_power_cut_is_scanned_again() -> None:
    plant = Plant([MUGS])
    _no_tone(plant)
    assert plant.picking is not None and not plant.picking.lpn

    plant.lamp("A-00", "1", text="SCAN CARTON")

    reaches(plant, "lane:")


def test_a_plate_that_was_bound_in_the_moment_of_a_power_cut_is_not_scanned_again() -> None:
    plant = Plant([MUGS, MUGS])
    _no_tone(plant)
    assert plant.picking is not None
    plant.picking.lpn, plant.bound[FIRST] = FIRST, plant.picking

    plant.lamp("A-00", "1", text=FIRST)
    plant.light_up(plant.picking)

    reaches(plant, "lane:")
    reaches(plant, "lane:", SECOND)


def test_a_carton_put_down_too_early_is_taken_back_when_a_lamp_is_lit_again() -> None:
    plant = Plant([TWO_STOPS, MUGS])
    plant.until(lambda: len(plant.saw("picked")) == 1)
    plant.run(0.05)
    for light in ("A-00", LIGHT["A-04-1"]):
        plant.lamp(light, None)
    reaches(plant, "rack")
    plant.lamp(LIGHT["A-04-1"], "1.1", 3)
    plant.until(lambda: plant.saw("taken back"))
    reaches(plant, "lane:")
    reaches(plant, "lane:", SECOND)


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


def test_a_visitor_presses_for_the_picker_and_nothing_is_taken_twice() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.world.lamps.lit)
    ask(plant, "press", light="A-01", button="confirm")
    reaches(plant, "lane:")
    assert plant.world.goods.cartons[FIRST].contents["SKU-001"] == 2
    assert len(plant.saw("picked")) == 1


def test_a_visitor_presses_short() -> None:
    plant = Plant([MUGS])
    plant.until(lambda: plant.world.lamps.lit)
    ask(plant, "press", light="A-01", button="short", qty=1)
    reaches(plant, "lane:")
    assert plant.world.goods.cartons[FIRST].contents["SKU-001"] == 1


def test_a_dark_lamp_is_pressed_without_taking_anything() -> None:
    plant = Plant([])
    ask(plant, "press", light="A-05", button="confirm", qty=1)
    wrong = {"fact": "press", "light": "A-05", "button": "confirm", "qty": 1}
    assert plant.told[-1][2] == wrong


def test_a_carton_in_somebodys_hands_cannot_be_moved() -> None:
    plant = Plant([MUGS])
    reaches(plant, "hands")
    answer = Control(plant.world).answer({"ask": "move", "lpn": FIRST, "to": "lane:1"})
    assert answer == {"refused": f"{FIRST} cannot be taken: it is in hands"}
