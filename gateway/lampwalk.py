"""The address walk before a shift: each lamp of a zone lit in turn, and what a person saw of it."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from devices.links import Links
from devices.map.schema import DeviceMap, LightZone
from sync import reading
from wcs.commands import LightWanted, SetLight
from wcs.envelope import Posted
from wcs.lights import TEST
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered

ANSWER_S: Final = 1.5
SHOWN_S: Final = 0.6
"""Long enough to be seen on the way along the rack."""
COLOURS: Final = ("green", "blue", "red", "white", "yellow")


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


@dataclass(frozen=True, slots=True)
class Word:
    """What a person saw."""

    good: bool
    text: str
    by: str
    at: datetime


@dataclass
class LampWalk:
    """`heard` is told every answer of a lamp."""

    device_map: Callable[[], DeviceMap]
    links: Links
    reader: Callable[[], sqlite3.Connection]
    now: Callable[[], datetime]
    shown_s: float = SHOWN_S
    walks: dict[str, Walk] = field(default_factory=dict)
    words: dict[str, Word] = field(default_factory=dict)
    _walking: set[str] = field(default_factory=set)
    _lamps: dict[tuple[str, str, str | None], asyncio.Event] = field(default_factory=dict)

    def heard(self, said: LampAnswered) -> None:
        if (waits := self._lamps.get((said.zone, said.light, said.task))) is not None:
            waits.set()

    async def walk(self, device: str, colour: str) -> Walk:
        """Lights one lamp after the other; those in use are left alone. Raises NotNow."""
        config = self.device_map().devices.get(device)
        if not isinstance(config, LightZone):
            raise NotNow(f"{device} is no zone of lights")
        if device in self._walking:
            raise NotNow(f"the lamps of {device} are being walked already")
        if device not in self.links:
            raise NotNow(f"{device} is not connected")
        self._walking.add(device)
        try:
            self.walks[device] = await self._walked(DeviceId(device), tuple(config.lights), colour)
        finally:
            self._walking.discard(device)
        self.words.pop(device, None)
        return self.walks[device]

    async def _walked(self, device: DeviceId, lights: tuple[str, ...], colour: str) -> Walk:
        found: dict[str, list[str]] = {"answered": [], "silent": [], "in_use": []}
        for light in lights:
            found[await self._lit(device, LightId(light), colour)].append(light)
        parts = {name: tuple(lamps) for name, lamps in found.items()}
        return Walk(colour=colour, at=self.now(), **parts)

    async def _lit(self, device: DeviceId, light: LightId, colour: str) -> str:
        if await asyncio.to_thread(self._in_use, device, light):
            return "in_use"
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
            try:
                async with asyncio.timeout(ANSWER_S):
                    await said.wait()
            except TimeoutError:
                return "silent"
            await asyncio.sleep(self.shown_s)
            return "answered"
        finally:
            del self._lamps[device, light, task]
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
