"""Any story a shop, a picker and a counter can tell: the books hold after every single observation,
and whatever is said twice changes nothing."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.rules.site import ACME, PTL, SHOP, T0, Floor, placed, shop, site
from wcs import hosts, stock
from wcs.commands import LightWanted
from wcs.events import OrderCancelled, OrderProgressed, StockLevel, WrongPress
from wcs.messages import ENTITIES
from wcs.model import Balance, Carton, Errand, HeldFor, Order, Pick, StockTotal, Waiting
from wcs.names import LocationCode, OrderKey, Sku, TaskId
from wcs.observations import (
    Counted,
    DeviceDown,
    DeviceUp,
    Due,
    LampAnswered,
    LightPressed,
    OrderCancelAsked,
    PickReported,
    Scanned,
    ShortAnswered,
)

SKUS = ["MUG", "CUP", "PEN"]
SHELVES = [("A-01-1", "MUG", 4), ("A-02-1", "MUG", 3), ("A-02-1", "CUP", 5), ("A-05-1", "PEN", 2)]
NUMBERS = st.sampled_from([str(n) for n in range(6)])
PLATES = st.sampled_from([f"L0000000{n}" for n in range(3)] + ["9506000000015"])
LINES = st.lists(
    st.tuples(st.sampled_from([*SKUS, "HAT"]), st.integers(1, 4)), min_size=1, max_size=3
)
ZONE = site().zones[0]


class AnyStory(RuleBasedStateMachine):
    @initialize(on_short=st.sampled_from(["ship_partial", "cancel_line", "hold", "ask"]))
    def opens(self, on_short: Any) -> None:
        self.floor = Floor(site(channels=shop(on_short=on_short))).stocked(*SHELVES)
        self.tx, self.now, self.versions = self.floor.tx, T0, dict[str, int]()
        self.told: dict[str, list[str]] = {}
        self.levels = {sku: self.floor.level(sku) for sku in SKUS}

    # --- what happens ---------------------------------------------------------------------------

    @rule(number=NUMBERS, lines=LINES, paid=st.sampled_from([True, True, False]))
    def a_shop_places_or_changes(self, number: str, lines: Any, paid: bool) -> None:
        self.versions[number] = self.versions.get(number, 0) + 1
        version = self.versions[number]
        self.says(placed(number, *lines, version=version, paid=paid, at=self.now))

    @rule(number=NUMBERS)
    def a_shop_cancels(self, number: str) -> None:
        self.versions[number] = self.versions.get(number, 0) + 1
        self.says(
            OrderCancelAsked(
                channel=SHOP, number=number, version=self.versions[number], at=self.now
            )
        )

    @rule(plate=PLATES)
    def a_picker_scans(self, plate: Any) -> None:
        self.says(Scanned(scanner=ZONE.scanner, codes=(plate,), at=self.now))

    @rule(n=st.integers(0, 5), short=st.sampled_from([0, 0, 0, 1, 4]), on_page=st.booleans())
    def a_picker_confirms(self, n: int, short: int, on_page: bool) -> None:
        steps = [s for p in self.tx.find(Pick) if p.state == "picking" for s in p.steps]
        if not steps:
            return
        step = steps[n % len(steps)]
        qty, button = max(0, step.qty - short), "short" if short else "confirm"
        common: Any = {"task": step.task, "button": button, "qty": qty, "at": self.now}
        if on_page:
            self.says(PickReported(by="ben", **common))
        else:
            self.says(LightPressed(zone=PTL, light=step.light, **common))

    @rule(
        light=st.sampled_from(list(ZONE.light_of.values())), task=st.sampled_from([None, "1-1.1"])
    )
    def a_visitor_presses(self, light: Any, task: Any) -> None:
        name = None if task is None else TaskId(task)
        self.says(
            LightPressed(zone=PTL, light=light, task=name, button="confirm", qty=1, at=self.now)
        )

    @rule(shelf=st.sampled_from([*SHELVES, ("A-06-1", "CUP", 0)]), qty=st.integers(0, 6))
    def a_counter_counts(self, shelf: Any, qty: int) -> None:
        location, sku, _ = shelf
        self.says(
            Counted(location=LocationCode(location), sku=Sku(sku), qty=qty, by="carla", at=self.now)
        )

    @rule(number=NUMBERS, decision=st.sampled_from(["ship_partial", "hold", "cancel_line"]))
    def a_person_answers(self, number: str, decision: Any) -> None:
        key = OrderKey(f"{SHOP}:{number}")
        self.says(ShortAnswered(order=key, decision=decision, by="anna", at=self.now))

    @rule()
    def the_zone_goes_and_comes(self) -> None:
        self.says(DeviceDown(device=PTL, reason="gone", at=self.now))
        self.says(DeviceUp(device=PTL, has=("A-05=9-9.9",), at=self.now))

    @rule(n=st.integers(0, 20))
    def a_timer_fires_or_a_lamp_answers(self, n: int) -> None:
        keys = sorted(key for key in self.tx.timers if key.startswith("lamp:"))
        if not keys:
            return
        key = keys[n % len(keys)]
        self.says(Due(key=key, at=self.now), twice=False)
        light = key.partition("|")[2]
        want = self.tx.get(LightWanted, f"{PTL}|{light}")
        task = want.task if want else None
        self.says(LampAnswered(zone=PTL, light=light, task=task, at=self.now))  # type: ignore[arg-type]

    @rule()
    def the_conveyor_takes_all_cartons_away(self) -> None:
        """Stands in for everything behind the hand-over node: shipped, or put back on a shelf."""
        self.tx.begin(self.tx.seq + 1)
        for carton in [c for c in self.tx.find(Carton) if c.state == "picked"]:
            self._ends(carton)
        self.heard(self.tx.events)

    def _ends(self, carton: Carton) -> None:
        order, account = self.floor.has(Order, carton.order), stock.carton(carton.lpn)
        if carton.cancelled:
            home = LocationCode("A-06-1")
            rows = stock.move_all(self.tx, account, stock.shelf(home), why="put back", at=self.now)
            stock.tell_levels(self.tx, ACME, [row.sku for row in rows], self.now)
            state = "emptied"
        else:
            stock.move_all(self.tx, account, stock.SHIPPED, why="shipped", at=self.now)
            state = "shipped"
        self.floor.changes(carton, state=state)
        if not carton.cancelled:
            order = hosts.tell(self.tx, order, "shipped", self.now)
            self.floor.changes(order, state="shipped")
        elif order.state == "cancelling":
            order = hosts.tell_cancelled(self.tx, order, "put back", self.now)
            self.floor.changes(order, state="cancelled")

    # --- what always holds ----------------------------------------------------------------------

    @invariant()
    def the_ledger_balances(self) -> None:
        for sku in SKUS:
            rows = list(self.tx.find(Balance, stock=f"{ACME}|{sku}"))
            assert sum(row.qty for row in rows) == 0
            for row in rows:
                assert row.allocated >= 0
                assert not row.account.startswith(stock.PHYSICAL) or row.allocated <= row.qty

    @invariant()
    def every_promise_is_an_order_s(self) -> None:
        promised: dict[str, int] = {}
        for order in self.tx.find(Order):
            for made in order.promises:
                assert order.state in ("waiting", "picking")
                key = f"shelf:{made.location}|{ACME}|{made.sku}"
                promised[key] = promised.get(key, 0) + made.qty
        kept = {row.key: row.allocated for row in self.tx.find(Balance) if row.allocated}
        assert kept == promised

    @invariant()
    def the_hosts_know_the_level(self) -> None:
        for sku in SKUS:
            total = self.floor.has(StockTotal, f"{ACME}|{sku}")
            free = sum(stock.free(self.tx, ACME, Sku(sku)).values())
            assert total.told == self.levels[sku] == (total.on_hand, free)

    @invariant()
    def a_zone_with_work_has_one_open_pick(self) -> None:
        picks = [pick for pick in self.tx.find(Pick) if pick.state in ("carton", "picking")]
        assert len(picks) <= 1
        assert picks or not list(self.tx.find(Waiting))
        for pick in picks:
            assert self.floor.has(Order, pick.order).state == "picking"

    @invariant()
    def queue_and_holds_are_those_of_the_orders(self) -> None:
        waiting = sorted(o.key for o in self.tx.find(Order, state="waiting"))
        assert sorted(row.order for row in self.tx.find(Waiting)) == waiting
        assert {row.order for row in self.tx.find(HeldFor)} <= {
            order.key for order in self.tx.find(Order, state="held")
        }

    @invariant()
    def the_lamps_show_the_open_pick(self) -> None:
        wanted = {want.light: want.task for want in self.tx.find(LightWanted)}
        picks = [pick for pick in self.tx.find(Pick) if pick.state in ("carton", "picking")]
        shown: dict[Any, Any] = dict.fromkeys([ZONE.display], picks[0].key) if picks else {}
        for step in [s for p in picks if p.lpn for s in p.steps if s.state == "open"]:
            shown.setdefault(step.light, step.task)
        assert wanted == shown

    @invariant()
    def a_bound_plate_is_bound_once(self) -> None:
        bound = [carton for carton in self.tx.find(Carton, state="picking")]
        assert {carton.lpn for carton in bound} == {
            p.lpn for p in self.tx.find(Pick) if p.state == "picking"
        }

    @invariant()
    def a_shelf_in_count_has_its_errand(self) -> None:
        asked = {f"shelf:{errand.location}" for errand in self.tx.find(Errand, kind="count")}
        assert asked == {row.account for row in self.tx.find(Balance) if row.in_count}

    # --- how it is told -------------------------------------------------------------------------

    def says(self, observation: Any, twice: bool = True) -> None:
        self.now += timedelta(seconds=1)
        self.heard(self.floor.says(observation))
        before = self.everything()
        if twice:
            again = self.floor.says(observation)
            assert [event for event in again if not isinstance(event, WrongPress)] == []
            assert self.everything() == before

    def heard(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, StockLevel):
                self.levels[event.sku] = (event.on_hand, event.available)
            if isinstance(event, OrderProgressed | OrderCancelled):
                steps = self.told.setdefault(event.number, [])
                steps.append(getattr(event, "status", "cancelled"))
                order = ["acknowledged", "picking", "packed", "shipped", "cancelled"]
                assert steps == sorted(set(steps), key=order.index)
                assert not {"shipped", "cancelled"} <= set(steps)

    def everything(self) -> dict[str, Any]:
        rows: dict[str, Any] = {kind.__name__: list(self.tx.find(kind)) for kind in ENTITIES}
        return rows | {"timers": dict(self.tx.timers)}


TestAnyStory: Any = AnyStory.TestCase
TestAnyStory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
