"""Lamps in test before a shift: lit in turn or all at once, or until each key was pressed; and what
a person saw of it. What shows an order is left alone."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from devices.links import Links
from devices.map.schema import DeviceMap, LightZone
from sync import reading
from wcs.commands import LightWanted, SetLight
from wcs.envelope import Posted
from wcs.lights import TEST, is_test
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered, LightPressed

ANSWER_S: Final = 1.5
SHOWN_S: Final = 0.6
"""Long enough to be seen on the way along the rack."""
ALL_SHOWN_S: Final = 4.0
PRESSED_S: Final = 60.0
"""How long somebody may take to press all keys."""
COLOURS: Final = ("green", "blue", "red", "white", "yellow")
How = Literal["walk", "all", "keys"]


class NotNow(Exception):
    """The lamps cannot be walked; the words say why."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Lamps that said they show the colour, those that said nothing, and those left alone because
    somebody picks by them."""

    colour: str
    answered: tuple[str, ...]
    silent: tuple[str, ...]
    in_use: tuple[str, ...]
    at: datetime
    how: How = "walk"
    unpressed: tuple[str, ...] = ()
    """Lamps whose keys nobody has pressed, or that were not heard."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person saw."""

    good: bool
    text: str
    by: str
    at: datetime


@dataclass
class LampWalk:
    """`heard` is told every answer of a lamp, `pressed` every key."""

    device_map: Callable[[], DeviceMap]
    links: Links
    reader: Callable[[], sqlite3.Connection]
    now: Callable[[], datetime]
    shown_s: float = SHOWN_S
    all_shown_s: float = ALL_SHOWN_S
    pressed_s: float = PRESSED_S
    walks: dict[str, Walk] = field(default_factory=dict)
    keys: dict[str, Walk] = field(default_factory=dict)
    """The last test of keys."""
    words: dict[str, Word] = field(default_factory=dict)
    _walking: set[str] = field(default_factory=set)
    _lamps: dict[tuple[str, str, str | None], asyncio.Event] = field(default_factory=dict)
    _keys: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)

    def pressed(self, said: LightPressed) -> None:
        """A key whose lamp is in test: it goes dark."""
        if (waits := self._keys.get((said.zone, said.light))) is not None and is_test(said.task):
            waits.set()
            self._dark(said.zone, said.light)

    def heard(self, said: LampAnswered) -> None:
        if (waits := self._lamps.get((said.zone, said.light, said.task))) is not None:
            waits.set()

    async def walk(self, device: str, colour: str, how: How = "walk") -> Walk:
        """Lights one lamp after the other, or all at once, for a while or until each was pressed;
        those in use are left alone. Raises NotNow."""
        config = self.device_map().devices.get(device)
        if not isinstance(config, LightZone):
            raise NotNow(f"{device} is no zone of lights")
        if device in self._walking:
            raise NotNow(f"the lamps of {device} are being walked already")
        if device not in self.links:
            raise NotNow(f"{device} is not connected")
        self._walking.add(device)
        try:
            walked = await self._tested(DeviceId(device), config, colour, how)
        finally:
            self._walking.discard(device)
        if how == "keys":
            self.keys[device] = walked
            return walked
        self.walks[device] = walked
        self.words.pop(device, None)
        return walked

    async def _tested(self, device: DeviceId, config: LightZone, colour: str, how: How) -> Walk:
        if how == "walk":
            return await self._walked(device, tuple(config.lights), colour)
        keys = [light for light in config.lights if how == "all" or light != config.display]
        return await self._all_at_once(device, [LightId(light) for light in keys], colour, how)

    async def _all_at_once(
        self, device: DeviceId, lights: list[LightId], colour: str, how: How
    ) -> Walk:
        in_use = [one for one in lights if await asyncio.to_thread(self._in_use, device, one)]
        free, unpressed = [one for one in lights if one not in in_use], set[LightId]()
        self._keys |= {(device, light): asyncio.Event() for light in free}
        try:
            lit = await asyncio.gather(*(self._asked(device, one, colour) for one in free))
            if how == "keys":
                unpressed = await self._not_pressed(device, free)
            else:
                await asyncio.sleep(self.all_shown_s)
        finally:
            for light in free:
                del self._keys[device, light]
                self._dark(device, light)
        answered = [light for light, shows in zip(free, lit, strict=True) if shows]
        return Walk(
            colour=colour,
            answered=tuple(answered),
            silent=tuple(light for light in free if light not in answered),
            in_use=tuple(in_use),
            at=self.now(),
            how=how,
            unpressed=tuple(light for light in free if light in unpressed),
        )

    async def _not_pressed(self, device: DeviceId, lights: list[LightId]) -> set[LightId]:
        waits = {light: asyncio.create_task(self._keys[device, light].wait()) for light in lights}
        try:
            if waits:
                await asyncio.wait(waits.values(), timeout=self.pressed_s)
            return {light for light, task in waits.items() if not task.done()}
        finally:
            for task in waits.values():
                task.cancel()

    async def _walked(self, device: DeviceId, lights: tuple[str, ...], colour: str) -> Walk:
        found: dict[str, list[str]] = {"answered": [], "silent": [], "in_use": []}
        for light in lights:
            found[await self._lit(device, LightId(light), colour)].append(light)
        answered, silent, in_use = (tuple(found[name]) for name in ("answered", "silent", "in_use"))
        return Walk(colour, answered, silent, in_use, self.now())

    async def _lit(self, device: DeviceId, light: LightId, colour: str) -> str:
        if await asyncio.to_thread(self._in_use, device, light):
            return "in_use"
        try:
            if not await self._asked(device, light, colour):
                return "silent"
            await asyncio.sleep(self.shown_s)
            return "answered"
        finally:
            self._dark(device, light)

    async def _asked(self, device: DeviceId, light: LightId, colour: str) -> bool:
        """Whether the lamp says that it shows the test."""
        task = TaskId(f"{TEST}{colour}")
        said = self._lamps.setdefault((device, light, task), asyncio.Event())
        try:
            self._post(
                SetLight(
                    device=device,
                    light=light,
                    task=task,
                    colour=colour,
                    qty=88,
                    text="TEST",
                    before=self.now() + timedelta(seconds=ANSWER_S),
                )
            )
            async with asyncio.timeout(ANSWER_S):
                await said.wait()
            return True
        except TimeoutError:
            return False
        finally:
            del self._lamps[device, light, task]

    def _dark(self, device: DeviceId, light: LightId) -> None:
        before = self.now() + timedelta(seconds=ANSWER_S)
        self._post(SetLight(device=device, light=light, task=None, before=before))

    def _post(self, command: SetLight) -> None:
        posted = Posted(f"test-{command.light}", 0, command)
        self.links.post(posted, by_person=True)

    def _in_use(self, device: DeviceId, light: LightId) -> bool:
        with closing(self.reader()) as conn:
            return reading.get(conn, LightWanted, f"{device}|{light}") is not None

    def say(self, device: str, good: bool, text: str, by: str) -> None:
        """What a person saw of the lamps. Raises NotNow before they were walked."""
        if device not in self.walks:
            raise NotNow(f"walk the lamps of {device} first")
        self.words[device] = Word(good, text, by, self.now())
