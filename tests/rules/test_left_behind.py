"""A carton that the record says was shipped, and that is in the house all the same."""

from tests.rules.belt import TRACKING, A, Belt
from tests.rules.site import only
from wcs.events import CartonRouted, OrderShipped, StockMoved
from wcs.model import Carton, Track

T = TRACKING[A]


def left_behind() -> Belt:
    """Taken out of its lane by hand before its load closed."""
    belt = Belt()
    belt.sorted()
    belt.fires(f"load:{belt.carton().load}")
    assert belt.carton().state == "shipped"
    return belt


def test_at_the_pack_line_its_label_is_not_hidden_under_another() -> None:
    belt = left_behind()
    belt.at_pack(A, T)
    assert belt.wanted_labels() == {}
    belt.at_pack(A)
    assert len(belt.wanted_labels()) == 1


def test_a_carton_taken_out_of_its_lane_keeps_its_label_too() -> None:
    belt = Belt()
    belt.sorted()
    belt.at_pack(A, T)
    assert belt.wanted_labels() == {}


def test_a_person_sends_it_to_its_lane_and_nothing_is_told_twice() -> None:
    belt = left_behind()
    load = belt.carton().place
    belt.tunnel(2, A, T)
    belt.confirms(2, "3")

    belt.hand_scan(A)
    assert belt.errands("HOSPITAL") == {f"hospital:{A}": f"{load} left without it"}
    belt.solves("reinduct")
    assert belt.errands("HOSPITAL") == {}

    told = belt.tunnel(3, A, T)
    (routed,) = only(told, CartonRouted)
    why = f"{load} left without it; lane 1 takes cartons of swift"
    assert (routed.lane, routed.why) == ("1", why)
    told += belt.confirms(3, "1")
    assert only(told, StockMoved) == []
    assert only(told, OrderShipped) == []
    assert belt.has(Carton, A).state == "shipped"
    assert belt.has(Track, "sorter1|3").state == "ended"


def test_a_label_of_another_carton_on_it_is_not_let_out() -> None:
    belt = left_behind()
    belt.hand_scan(A)
    belt.solves("reinduct")

    (routed,) = only(belt.tunnel(2, A, "SW0000000099"), CartonRouted)

    assert (routed.lane, routed.why) == ("3", f"duplicate code: {A} was shipped")


def test_any_other_remedy_is_refused_with_the_right_one() -> None:
    belt = left_behind()
    belt.hand_scan(A)
    belt.solves("reprint")
    assert belt.tx.outcome == "refused"
    assert belt.tx.reason.endswith("left without it: reinduct")
