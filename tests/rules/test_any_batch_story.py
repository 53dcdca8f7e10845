"""Any story again, in a zone that picks three orders on one walk: whatever a shop, a picker, a
counter and a slow planner do, the books hold and the lamps show one next step."""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.rules.site import T0, Floor, shop, site
from tests.rules.test_any_story import SHELVES, SKUS, ZONE, AnyStory
from wcs import carts
from wcs.commands import LightWanted
from wcs.model import Batch, Carton, Order, Pick, Waiting
from wcs.names import Barcode
from wcs.observations import BatchPlanned, Due, PickReported, Scanned
from wcs.walking import layout_of, walk
from wcs.whereabouts import FREE

FRESH = [Barcode(f"L000001{n:02}") for n in range(100)]


class AnyBatchStory(AnyStory):
    @initialize(
        on_short=st.sampled_from(["ship_partial", "cancel_line", "hold", "ask"]),
        planned=st.sampled_from([0, 2, 3, 3]),
    )
    def opens(self, on_short: Any, planned: int) -> None:
        zones = (replace(ZONE, batch=3),)
        self.now, self.versions, self.told = T0, dict[str, int](), dict[str, list[str]]()
        self.floor = Floor(site(channels=shop(on_short=on_short), zones=zones)).stocked(*SHELVES)
        self.tx = self.floor.tx
        self.levels = {sku: self.floor.level(sku) for sku in SKUS}
        for number in ("0", "1", "2", "3"):
            self.a_shop_places_or_changes(number, [("MUG", 1), ("CUP", 1)], True)
        self.the_picker_works(3)  # the first goes alone; then there are three to choose from
        if planned:
            self.the_planner_answers(planned, False)

    @rule(times=st.integers(1, 6))
    def the_picker_works(self, times: int) -> None:
        """As the lamps and the display say."""
        for _ in range(times):
            picks = self.open_picks
            unbound = any(pick.state == "carton" for pick in picks)
            found = carts.next_step(self.batch.walk if self.batch else (), picks)
            if unbound:
                plate = next(p for p in FRESH if self.is_free(p))
                self.says(Scanned(scanner=ZONE.scanner, codes=(plate,), at=self.now))
            elif found:
                seen: Any = {"task": found[1].task, "button": "confirm", "qty": found[1].qty}
                self.says(PickReported(by="ben", at=self.now, **seen))

    def is_free(self, plate: str) -> bool:
        carton = self.tx.get(Carton, plate)
        return carton is None or carton.state in FREE

    @property
    def batch(self) -> Batch | None:
        return next(iter(self.tx.find(Batch)), None)

    @rule(size=st.sampled_from([1, 2, 3, 3]), late=st.sampled_from([False, False, False, True]))
    def the_planner_answers(self, size: int, late: bool) -> None:
        batch = self.batch
        if batch is None or batch.state != "asked":
            return
        groups = [batch.orders[n : n + size] for n in range(0, len(batch.orders), size)]
        walks = [
            walk(
                layout_of(self.floor.site.layout),
                ZONE.start,
                [place for one in group for place in one.locations],
                ZONE.end,
            )
            for group in groups
        ]
        planned = BatchPlanned(
            batch=batch.key,
            orders=tuple(tuple(one.order for one in group) for group in groups),
            walks=tuple(places for places, _ in walks),
            lengths_mm=tuple(mm for _, mm in walks),
            optimal=True,
            at=self.now,
        )
        if late:
            self.a_shop_cancels(str(batch.orders[-1].order.partition(":")[2]))
        self.says(planned)

    @rule()
    def the_planner_is_silent(self) -> None:
        for key in [key for key in self.tx.timers if key.startswith("batch:")]:
            del self.tx.timers[key]
            self.says(Due(key=key, at=self.now))

    @invariant()
    def a_zone_with_work_has_one_open_pick(self) -> None:
        """Or those of one batch, or has asked for one."""
        picks = self.open_picks
        assert len(picks) <= 3 and len({pick.batch for pick in picks}) <= 1
        assert len(picks) <= 1 or picks[0].batch
        asked = self.batch is not None and self.batch.state == "asked"
        assert picks or asked or not list(self.tx.find(Waiting))
        assert not (asked and picks)
        for pick in picks:
            assert self.floor.has(Order, pick.order).state == "picking"

    @invariant()
    def the_lamps_show_the_open_pick(self) -> None:
        picks = self.open_picks
        if not picks or not picks[0].batch:
            super().the_lamps_show_the_open_pick()
            return
        wanted = {want.light: want.task for want in self.tx.find(LightWanted)}
        unbound = [pick for pick in picks if pick.state == "carton"]
        assert self.batch is not None
        found = carts.next_step(self.batch.walk, picks)
        if unbound:
            assert wanted == {ZONE.display: unbound[0].key}
        elif found:
            pick, step = found
            assert wanted == {ZONE.display: pick.key, step.light: step.task}
        else:  # a person is asked about a short
            assert set(wanted) <= {ZONE.display}

    @property
    def open_picks(self) -> list[Pick]:
        return [pick for pick in self.tx.find(Pick) if pick.state in ("carton", "picking")]


TestAnyBatchStory: Any = AnyBatchStory.TestCase
TestAnyBatchStory.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
