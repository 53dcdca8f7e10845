"""Several operators at the same lamps: a colour each; a lamp that both need shows one after the
other."""

from dataclasses import replace

from tests.rules.site import HAND2, PICK_A, PTL, Floor, at, only, site
from wcs.commands import LightWanted, SetLight
from wcs.events import LinePicked
from wcs.lampstates import LampQueued
from wcs.model import Pick, Step
from wcs.names import LightId, StationId
from wcs.observations import DeviceUp, LightPressed, PickReported, Scanned

PICK_B = StationId("PICK-B")


def two() -> Floor:
    """Green and blue, with a display and a scanner each."""
    (green,) = site().zones
    blue = replace(
        green, station=PICK_B, display=LightId("A-13"), scanner=HAND2, colour="blue"
    )  # fmt: skip
    floor = Floor(site(zones=(green, blue)))
    floor.stocked(("A-01-1", "MUG", 20), ("A-05-1", "CUP", 20))
    floor.says(DeviceUp(device=PTL, at=at()))
    return floor


def pick_at(floor: Floor, station: StationId) -> Pick:
    found = [p for p in floor.tx.find(Pick, station=station) if p.state in ("carton", "picking")]
    assert len(found) == 1
    return found[0]


def binds(floor: Floor, station: StationId, plate: str) -> Pick:
    floor.says(Scanned(scanner=station, codes=(plate,), by="anna", at=at(1)))  # type: ignore[arg-type]
    return pick_at(floor, station)


def shown(floor: Floor, light: str) -> tuple[str, str] | None:
    want = floor.tx.get(LightWanted, f"{PTL}|{light}")
    return (want.colour, want.task) if want else None


def press(floor: Floor, step: Step) -> list:
    return floor.says(
        LightPressed(
            zone=PTL, light=step.light, task=step.task, button="confirm", qty=step.qty, at=at(3)
        )
    )


def test_one_queue_of_orders_for_both() -> None:
    floor = two()
    floor.orders("1", ("MUG", 3))
    floor.orders("2", ("CUP", 2))
    assert pick_at(floor, PICK_A).order == "shop:1"
    assert pick_at(floor, PICK_B).order == "shop:2"


def test_each_has_a_colour() -> None:
    floor = two()
    floor.orders("1", ("MUG", 3))
    floor.orders("2", ("CUP", 2))
    green, blue = binds(floor, PICK_A, "L00000001"), binds(floor, PICK_B, "L00000002")
    assert shown(floor, "A-01") == ("green", green.steps[0].task)
    assert shown(floor, "A-09") == ("blue", blue.steps[0].task)
    assert shown(floor, "A-00") == ("green", green.key)
    assert shown(floor, "A-13") == ("blue", blue.key)


def test_a_lamp_that_both_need_shows_one_after_the_other() -> None:
    floor = two()
    floor.orders("1", ("MUG", 3))
    floor.orders("2", ("MUG", 2), ("CUP", 1))
    green, blue = binds(floor, PICK_A, "L00000001"), binds(floor, PICK_B, "L00000002")
    assert shown(floor, "A-01") == ("green", green.steps[0].task)
    assert [row.colour for row in floor.tx.find(LampQueued, device=PTL)] == ["blue"]

    press(floor, green.steps[0])
    mugs = next(step for step in blue.steps if step.sku == "MUG")
    assert shown(floor, "A-01") == ("blue", mugs.task)
    lit = [c for c in floor.commands if isinstance(c, SetLight) and c.light == "A-01"]
    assert [(c.colour, c.qty) for c in lit] == [("blue", 2)]
    assert list(floor.tx.find(LampQueued, device=PTL)) == []
    assert len(only(press(floor, mugs), LinePicked)) == 1
    assert shown(floor, "A-01") is None


def test_a_waiting_step_told_by_hand_waits_no_more() -> None:
    floor = two()
    floor.orders("1", ("MUG", 3))
    floor.orders("2", ("MUG", 2), ("CUP", 1))
    green, blue = binds(floor, PICK_A, "L00000001"), binds(floor, PICK_B, "L00000002")
    mugs = next(step for step in blue.steps if step.sku == "MUG")
    told = PickReported(task=mugs.task, button="confirm", qty=2, by="ben", at=at(3))
    assert len(only(floor.says(told), LinePicked)) == 1
    assert shown(floor, "A-01") == ("green", green.steps[0].task)
    assert list(floor.tx.find(LampQueued, device=PTL)) == []


def test_a_cancelled_order_gives_its_lamp_to_the_next() -> None:
    floor = two()
    floor.orders("1", ("MUG", 3))
    floor.orders("2", ("MUG", 2))
    binds(floor, PICK_A, "L00000001")
    blue = binds(floor, PICK_B, "L00000002")
    floor.asks_cancel("1")
    assert shown(floor, "A-01") == ("blue", blue.steps[0].task)


def test_who_has_no_colour_left_waits_for_a_free_station() -> None:
    floor = two()
    for number in ("1", "2", "3"):
        floor.orders(number, ("CUP", 1))
    assert floor.order("3").state == "waiting"
    done = binds(floor, PICK_A, "L00000001")
    press(floor, done.steps[0])
    assert pick_at(floor, PICK_A).order == "shop:3"
