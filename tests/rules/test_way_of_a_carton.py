"""One carton from the hand-over to the truck, and what is told on the way."""

from dataclasses import replace

from tests.rules.belt import TRACKING, A, Belt
from tests.rules.site import at, only, site
from wcs.commands import Divert, PrintLabel, SendTrip
from wcs.events import (
    CartonRouted,
    CartonSorted,
    CartonWeighed,
    LabelRequested,
    LoadClosed,
    LoadOpened,
    OrderProgressed,
    OrderShipped,
)


def test_from_the_hand_over_to_the_truck() -> None:
    belt = Belt()
    belt.picked()
    assert (belt.carton().state, belt.carton().next) == ("picked", "amr1")

    key = belt.dispatched()
    (send,) = (c for c in belt.commands if isinstance(c, SendTrip))
    assert (send.trip, send.lpns, send.way[0]) == (key, (A,), "HANDOVER")
    belt.trip(key, "picked", A)
    assert (belt.carton().state, belt.carton().place) == ("riding", "amr1")
    belt.trip(key, "dropped", A)
    assert (belt.carton().state, belt.carton().place) == ("moving", "INDUCT")

    belt.at_pack(A)
    assert (belt.carton().place, belt.carton().next) == ("scan_pack1", "print1")
    weighed = belt.weighs(390)
    assert [(w.expected_g, w.measured_g, w.ok) for w in only(weighed, CartonWeighed)] == [
        (380, 390, True)
    ]
    (asked,) = only(weighed, LabelRequested)
    assert (asked.carrier, asked.service, asked.weight_g) == ("swift", "standard", 390)

    belt.issued()
    (printing,) = belt.commands
    assert isinstance(printing, PrintLabel)
    assert (printing.device, printing.lpn) == ("print1", A)
    (packed,) = only(belt.printed(), OrderProgressed)
    assert (packed.status, packed.parcels[0].tracking) == ("packed", TRACKING[A])
    assert (belt.carton().next, belt.order("1").state) == ("tunnel1", "packed")

    (routed,) = only(belt.tunnel(17, A, TRACKING[A]), CartonRouted)
    (divert,) = belt.commands
    assert isinstance(divert, Divert)
    assert (divert.track, divert.lane, divert.lpn) == (17, "1", A)
    assert divert.before == at(belt.now_s + 1.2) == routed.before
    assert routed.why == "lane 1 takes cartons of swift"

    told = belt.confirms(17, "1")
    (opened,) = only(told, LoadOpened)
    assert [(s.lane, s.load) for s in only(told, CartonSorted)] == [("1", opened.load)]
    assert (belt.carton().state, belt.order("1").state) == ("sorted", "sorted")
    assert opened.cutoff == at(600)

    told = belt.fires(f"load:{opened.load}")
    assert [closed.cartons for closed in only(told, LoadClosed)] == [1]
    (shipped,) = only(told, OrderShipped)
    assert (shipped.partial, shipped.load, shipped.lines[0].qty) == (False, opened.load, 2)
    (progress,) = only(told, OrderProgressed)
    assert (progress.status, progress.parcels[0].tracking) == ("shipped", TRACKING[A])
    assert (belt.carton().state, belt.order("1").state) == ("shipped", "shipped")
    assert (belt.holds("shipped"), belt.holds(f"carton:{A}")) == (2, 0)
    left = {key.partition(":")[0] for key in belt.tx.timers}
    assert left <= {"lamp", "track"}


def test_a_plate_is_free_again_when_its_carton_has_left() -> None:
    belt = Belt()
    belt.sorted()
    belt.fires(f"load:{belt.carton().load}")

    belt.carried(A, number="2")
    belt.at_pack(A)
    assert len(only(belt.weighs(), LabelRequested)) == 1


def test_a_carrier_that_ships_at_the_divert_needs_no_close() -> None:
    swift, parcelo = site().carriers
    belt = Belt(site(carriers=(replace(swift, ship_on="divert"), parcelo)))

    told = belt.sorted()

    assert len(only(told, OrderShipped)) == 1
    assert belt.carton().state == "shipped"
    load = next(key for key in belt.tx.timers if key.startswith("load:"))
    assert only(belt.fires(load), OrderShipped) == []
