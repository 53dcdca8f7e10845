"""Belts, stops and lanes, in virtual time: what happens to cartons when equipment fails."""

import pytest

from tests.simulators.world.plant import Plant
from tests.simulators.world.steps import MUGS, ask, place, reaches


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
