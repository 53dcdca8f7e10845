"""Two operators at the same lamps, and lamps that fail, wake up, lie and are pressed at any moment:
every open step is shown or waits for its lamp, a step is picked once, an alarm stands as long as
its trouble."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.rules.site import PTL, at, only
from tests.rules.test_colours import two
from wcs.commands import LightWanted, SetLight
from wcs.events import LinePicked
from wcs.lamps import PATIENCE
from wcs.lampstates import LampQueued, LampTrouble
from wcs.model import Errand, Pick, Step
from wcs.names import LightId, TaskId
from wcs.observations import (
    DeviceDown,
    DeviceUp,
    Due,
    LampAnswered,
    LampFailed,
    LightPressed,
    PickReported,
    Scanned,
)

STATIONS = st.sampled_from(["PICK-A", "PICK-B"])
LIGHTS = st.sampled_from(["A-01", "A-09", "A-00", "A-13"]).map(LightId)
NUMBERS = st.sampled_from([str(n) for n in range(5)])


class AnyLamps(RuleBasedStateMachine):
    @initialize()
    def opens(self) -> None:
        self.floor, self.seconds = two(), 0
        self.tx = self.floor.tx
        self.picked: Counter[str] = Counter()
        self.tasks: list[tuple[TaskId, LightId, int]] = []
        self.plates = 0
        for number in ("8", "9"):  # both stand before the same shelves
            self.floor.orders(number, ("MUG", 2), ("CUP", 1))
        for station in ("PICK-A", "PICK-B"):
            self.binds(station)

    def says(self, observation: Any) -> None:
        told = self.floor.says(observation)
        assert self.floor.answer[0] != "quarantined"
        if isinstance(observation, LightPressed | PickReported):
            self.picked[observation.task or ""] += len(only(told, LinePicked))
        commands = [c for c in self.floor.commands if isinstance(c, SetLight)]
        assert len(commands) <= 8, "a storm"
        for pick in self.picks("picking"):
            for step in pick.steps:
                if all(step.task != task for task, _, _ in self.tasks):
                    self.tasks.append((step.task, step.light, step.qty))

    def picks(self, *states: str) -> list[Pick]:
        return [pick for pick in self.tx.find(Pick) if pick.state in states]

    @rule(number=NUMBERS, mugs=st.integers(0, 2), cups=st.integers(0, 2))
    def an_order(self, number: str, mugs: int, cups: int) -> None:
        lines = [(sku, qty) for sku, qty in (("MUG", mugs), ("CUP", cups)) if qty]
        if lines:
            self.floor.orders(number, *lines)

    @rule(number=NUMBERS)
    def is_cancelled(self, number: str) -> None:
        self.seconds += 1
        self.floor.asks_cancel(number, version=self.seconds + 2)

    @rule(station=STATIONS)
    def a_carton(self, station: Any) -> None:
        self.binds(station)

    def binds(self, station: Any) -> None:
        self.plates += 1
        plate: Any = f"L{self.plates:08}"
        self.says(Scanned(scanner=station, codes=(plate,), by="anna", at=at(1)))

    @rule(n=st.integers(0, 20), by_hand=st.booleans(), twice=st.booleans())
    def a_press(self, n: int, by_hand: bool, twice: bool) -> None:
        """Of any task that ever was."""
        if not self.tasks:
            return
        task, light, qty = self.tasks[-1 - n % len(self.tasks)]
        common: Any = {"task": task, "button": "confirm", "qty": qty, "at": at(2)}
        for _ in range(1 + twice):
            if by_hand:
                self.says(PickReported(by="ben", **common))
            else:
                self.says(LightPressed(zone=PTL, light=light, **common))

    @rule(light=LIGHTS, outcome=st.sampled_from(["timed_out", "no_answer"]))
    def a_lamp_fails(self, light: LightId, outcome: Any) -> None:
        self.says(LampFailed(zone=PTL, light=light, outcome=outcome, task=None, at=at(3)))

    @rule(light=LIGHTS, how=st.sampled_from(["as wanted", "dark", "?"]), stuck=st.booleans())
    def a_lamp_answers(self, light: LightId, how: str, stuck: bool) -> None:
        want = self.tx.get(LightWanted, f"{PTL}|{light}")
        told = {"as wanted": want.task if want else None, "dark": None, "?": TaskId("?")}
        self.says(LampAnswered(zone=PTL, light=light, task=told[how], stuck=stuck, at=at(4)))

    @rule(light=LIGHTS)
    def time_passes(self, light: LightId) -> None:
        if f"lamp:{PTL}|{light}" in self.tx.timers:
            self.says(Due(key=f"lamp:{PTL}|{light}", at=at(5)))

    @rule(lit=st.lists(LIGHTS, max_size=2))
    def the_zone_comes_and_goes(self, lit: list[LightId]) -> None:
        self.says(DeviceDown(device=PTL, reason="gone", at=at(6)))
        self.says(DeviceUp(device=PTL, has=tuple(f"{light}=?" for light in lit), at=at(7)))

    @invariant()
    def every_open_step_is_shown_or_waits(self) -> None:
        if not hasattr(self, "tx"):
            return
        wants = {want.light: want for want in self.tx.find(LightWanted, device=PTL)}
        waits = {(row.light, row.colour): row for row in self.tx.find(LampQueued, device=PTL)}
        mine: set[str] = set()
        for pick in self.picks("picking"):
            colour = {"PICK-A": "green", "PICK-B": "blue"}[pick.station]
            first: dict[LightId, Step] = {}
            for step in pick.steps:
                if step.state == "open":
                    first.setdefault(step.light, step)
            for light, step in first.items():
                here = wants[light] if wants[light].colour == colour else waits[light, colour]
                assert here.task == step.task
                mine.add(step.task)
        steps = {t for t in (*(w.task for w in wants.values()), *(w.task for w in waits.values()))}
        assert {task for task in steps if "." in task} <= mine, "a lamp for what nobody picks"

    @invariant()
    def a_step_is_picked_once(self) -> None:
        if hasattr(self, "tx"):
            assert all(count <= 1 for count in self.picked.values()), self.picked

    @invariant()
    def an_alarm_stands_as_long_as_its_trouble(self) -> None:
        if not hasattr(self, "tx"):
            return
        alarmed = {
            (row.light, station)
            for row in self.tx.find(LampTrouble, device=PTL)
            if row.times >= PATIENCE[row.trouble]
            for station in ("PICK-A", "PICK-B")
        }
        errands = [one for one in self.tx.find(Errand) if one.kind == "lamp"]
        assert {(one.subject, one.station) for one in errands} >= alarmed
        known = {row.light for row in self.tx.find(LampTrouble, device=PTL)}
        assert {one.subject for one in errands} <= known


TestAnyLamps = AnyLamps.TestCase
TestAnyLamps.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
