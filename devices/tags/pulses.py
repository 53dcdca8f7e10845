"""Tags that are switched on for a moment: on once, never twice; off until the device has heard."""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from devices.map.schema import RegisterTag
from devices.tags.codec import Unwritable
from devices.tags.port import Denied, NoReply, TooLate
from devices.tags.value import Plain

Steps = tuple[Mapping[str, Plain], ...]
TRIES_OFF: Final = 5


class Send(Protocol):
    def __call__(
        self, steps: Steps, before: datetime | None = None
    ) -> Coroutine[Any, Any, None]: ...


class Pulses:
    """`on` holds the tags that may still be on in the device; it outlives the connection."""

    def __init__(self, tags: Mapping[str, RegisterTag], on: set[str], send: Send) -> None:
        self._tags, self._on, self._send = tags, on, send
        self._running: set[asyncio.Task[None]] = set()

    async def write(self, steps: Steps, before: datetime | None = None) -> None:
        """On, hold, off, even when nobody waits for it any more. Raises as a write does; an
        unanswered "on" is not sent again, but its "off" is."""
        name = self._only(steps)
        self._on.add(name)
        running = asyncio.create_task(self._pulse(name, before))
        self._running.add(running)
        running.add_done_callback(self._over)
        await asyncio.shield(running)

    async def _pulse(self, name: str, before: datetime | None) -> None:
        try:
            await self._send(({name: True},), before)
        except NoReply:  # it may be on
            await self._off(name)
            raise
        except (Denied, TooLate, Unwritable):
            self._on.discard(name)
            raise
        await asyncio.sleep(self._tags[name].pulse_s or 0.0)
        await self._off(name)

    def _over(self, running: asyncio.Task[None]) -> None:
        self._running.discard(running)
        if not running.cancelled():
            running.exception()  # whoever asked may have stopped waiting

    async def close(self) -> None:
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def tidy(self) -> None:
        """What was on when the line dropped is switched off before anything else."""
        for name in sorted(self._on & set(self._tags)):
            await self._off(name)

    def _only(self, steps: Steps) -> str:
        items = [item for step in steps for item in step.items()]
        name, value = items[0]
        if len(items) > 1:
            raise Unwritable(f"{name}: a pulse is written alone")
        if value is not True:
            raise Unwritable(f"{name}: a pulse is only switched on; it ends by itself")
        if name in self._on:
            raise Unwritable(f"{name}: it is still on")
        return name

    async def _off(self, name: str) -> None:
        for last in range(TRIES_OFF):
            try:
                await self._send(({name: False},))
                self._on.discard(name)
                return
            except NoReply:
                if last == TRIES_OFF - 1:
                    raise
