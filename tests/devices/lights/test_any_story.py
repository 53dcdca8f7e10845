"""Whatever is lost, broken or touched at whatever moment: a press is of the task that was shown,
one touch is one press, and a lamp that shows its task is not written again."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.lights.modules import ModuleZone
from devices.lights.zone import LightZoneSession
from devices.live import Live
from devices.map.schema import LightZone, ModbusRtuTcp
from devices.tags.bus import Bus
from simulators.pick_iq_modules import Module, modules
from tests.contract.zones import MODULES, until
from tests.devices.lights.lossy import KEY, Fate, LossyWire
from tests.devices.peers import SOON, HandClock, posted
from wcs.commands import SetLight
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered, LightPressed

ZONE = DeviceId("z1")
CONFIG = LightZone.model_validate(
    {
        "kind": "pick-to-light-zone",
        "connection": "line",
        "ack_timeout": "60s",
        "lights": {"B-01": {"unit": 1}, "B-02": {"unit": 2}},
        "pick_iq": MODULES | {"poll": "1ms", "stuck_after": "60s"},
    }
)
LINE = ModbusRtuTcp(type="modbus-rtu-tcp", host="nowhere")


class Story:
    """A zone and its modules; each task shows a quantity of its own, so one sees which it is."""

    def __init__(self, fates: Iterator[Fate]) -> None:
        self.modules = modules(CONFIG, 1, lambda module: None)
        units = {module.number: module.unit for module in self.modules.values()}
        self.wire = LossyWire(units, fates)
        self.bus = Bus(self.wire, 1.0, misses=1_000_000)  # type: ignore[arg-type]
        self.session: LightZoneSession
        self.tasks: dict[int, TaskId] = {}
        self.pressed: list[LightPressed] = []
        self.shown: dict[str, TaskId | None] = {}
        self.meant: dict[str, TaskId | None] = dict.fromkeys(self.modules)
        self.wire.looked = self._looked

    def _looked(self, number: int) -> None:
        light = next(one.light for one in self.modules.values() if one.number == number)
        self.meant[light] = self.seen_by_a_person(light)

    async def listen(self) -> None:
        async for seen in self.session.observations():
            match seen.observation:
                case LightPressed() as pressed:
                    self.pressed.append(pressed)
                case LampAnswered(light=light, task=task):
                    self.shown[light] = task
                case _:
                    pass

    def wants(self, light: str, task: TaskId | None, qty: int = 0) -> None:
        command = SetLight(
            device=ZONE,
            light=LightId(light),
            task=task,
            colour="green",
            qty=qty,
            before=SOON,
        )
        self.session.post(posted(command))

    def new_task(self) -> tuple[TaskId, int]:
        qty = len(self.tasks) + 1
        self.tasks[qty] = TaskId(f"t{qty}")
        return self.tasks[qty], qty

    def seen_by_a_person(self, light: str) -> TaskId | None:
        module: Module = self.modules[light]
        return self.tasks.get(module.qty) if module.on else None

    async def rounds(self, light: str, count: int = 2) -> None:
        unit = self.modules[light].unit
        asked = unit.asked
        await until(lambda: unit.asked >= asked + count)

    async def touch(self, light: str) -> None:
        """Held until it is seen."""
        before, task = len(self.pressed), self.seen_by_a_person(light)
        self.modules[light].touch(1)
        await self._until_it_is_over(light, before, {task})

    async def change_and_touch(self, light: str, to: tuple[TaskId | None, int], after: int) -> None:
        """A finger comes down ahead of the so many-th request since the lamp was to be changed.
        Until the key was read once more nobody can have meant what it shows now."""
        before = len(self.pressed)
        module, meant = self.modules[light], set[TaskId | None]()

        def touched() -> None:
            meant.add(self.meant[light])
            module.touch(1)

        self.wire.soon[module.number] = after, touched
        self.wants(light, *to)
        await until(lambda: bool(meant))
        await self._until_it_is_over(light, before, meant)

    async def _until_it_is_over(self, light: str, before: int, meant: set[TaskId | None]) -> None:
        await self.rounds(light, 8)
        self.modules[light].touch(0)
        await self.rounds(light, 8)
        mine = [one for one in self.pressed[before:] if one.light == light]
        assert len(mine) <= 1, "one touch is one press"
        assert all(one.task in (*meant, None, "?") for one in mine), (mine, meant)


@asynccontextmanager
async def story(fates: Sequence[Fate]) -> AsyncIterator[Story]:
    one = Story(iter(fates))
    running = asyncio.create_task(one.bus.run())
    zone = ModuleZone(ZONE, CONFIG, LINE, one.bus, HandClock())
    await zone.open()
    one.session = LightZoneSession(ZONE, CONFIG, zone, HandClock(), Live())
    listening = asyncio.create_task(one.listen())
    try:
        yield one
    finally:
        await zone.close()
        for task in (listening, running):
            task.cancel()
        await asyncio.gather(listening, running, return_exceptions=True)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["light", "dark", "again", "touch", "light, touch", "dark, touch", "restart"]
        ),
        st.sampled_from(["B-01", "B-02"]),
        st.integers(0, 12),
    ),
    max_size=12,
)
FATES = st.lists(st.sampled_from(["ok", "ok", "ok", "request lost", "reply lost"]), max_size=120)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, fates=FATES)
def test_whatever_happens(steps: list[tuple[str, str, int]], fates: list[Fate]) -> None:
    asyncio.run(told(steps, fates))


async def told(steps: list[tuple[str, str, int]], fates: list[Fate]) -> None:
    async with story(fates) as one:
        wanted: dict[str, tuple[TaskId | None, int]] = dict.fromkeys(one.modules, (None, 0))
        for step, light, after in steps:
            if step.startswith("light"):
                wanted[light] = one.new_task()
            elif step.startswith("dark"):
                wanted[light] = (None, 0)
            if step.endswith(", touch"):
                await one.change_and_touch(light, wanted[light], after)
            elif step == "touch":
                await one.touch(light)
            elif step == "restart":
                one.modules[light].restart()
            else:
                one.wants(light, *wanted[light])
        for light, (task, qty) in wanted.items():  # as the rule asks until it is answered
            one.shown.pop(light, None)
            while one.shown.get(light, "nothing") != task:
                one.wants(light, task, qty)
                await one.rounds(light, 3)
            assert one.seen_by_a_person(light) == task
        for light, (task, _) in wanted.items():
            before = len(one.pressed)
            await one.touch(light)
            assert [pressed.task for pressed in one.pressed[before:]] == [task]
        assert one.wire.idle == [], "written although it was so already"


async def test_a_lost_reply_lights_nothing_twice() -> None:
    """The one above, told by hand: the write is carried out, its reply is lost."""
    async with story([]) as one:
        lost: list[Fate] = ["ok", "ok", "ok", "reply lost", "reply lost", "reply lost"]
        task, qty = one.new_task()
        one.wire._fates = iter(lost)
        one.wants("B-01", task, qty)
        await until(lambda: one.modules["B-01"].unit.asked > 12)
        for _ in range(3):
            one.wants("B-01", task, qty)
        await until(lambda: one.shown.get("B-01") == task)
        assert one.modules["B-01"].lit == 1
        assert one.wire.idle == []


async def test_a_touch_ahead_of_a_task_that_looks_the_same_is_of_the_one_before() -> None:
    async with story([]) as one:
        first, second = TaskId("t1"), TaskId("t2")
        one.wants("B-01", first, 3)
        await until(lambda: one.shown.get("B-01") == first)
        one.modules["B-01"].touch(1)
        one.wants("B-01", second, 3)
        await until(lambda: one.shown.get("B-01") == second)
        await until(lambda: len(one.pressed) == 1)
        assert one.pressed[0].task == first
        assert one.modules["B-01"].lit == 1


async def test_a_reply_that_went_astray_is_no_press() -> None:
    """The job's reply taken for the key's: both are one register, and say 1."""
    async with story([]) as one:
        task, qty = one.new_task()
        one.wants("B-01", task, qty)
        await until(lambda: one.shown.get("B-01") == task)
        one.wire.astray = (1, KEY, bytes.fromhex("03020001"))
        await until(lambda: one.wire.astray is None)
        await one.rounds("B-01", 8)
        assert one.pressed == []
        await one.touch("B-01")
        assert [pressed.task for pressed in one.pressed] == [task]
