"""Asks the planner process for the plans that rules ask for, and brings them back as observations.

The process is started again when it dies or hangs; without it the gateway goes on, and the rules'
own timers release what waits for a plan.
"""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from gateway.feed import Feed, Told
from gateway.inbox import Inbox
from wcs.envelope import Nobody, Seen
from wcs.events import TourAsked
from wcs.names import LocationCode
from wcs.observations import SiteChanged, TourPlanned

log = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "gateway.planning")
ROOM = 256
TRIES = 2
STUCK_S = 30.0
RESTART_S = 1.0


class Clock(Protocol):
    def now(self) -> datetime: ...


class Lost(Exception):
    """The process is dead or hangs."""


class Planner:
    """`layout` is that of the site at the start, as JSON text; `SiteChanged` brings later ones."""

    def __init__(
        self,
        feed: Feed,
        inbox: Inbox,
        clock: Clock,
        layout: str,
        command: Sequence[str] = COMMAND,
        restart_s: float = RESTART_S,
    ) -> None:
        self._feed, self._inbox, self._clock, self._layout = feed, inbox, clock, layout
        self._command, self._restart_s = command, restart_s
        self._asked: dict[str, TourAsked] = {}
        self._tries: dict[str, int] = {}
        self._process: Process | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._keep_alive())

    async def _listen(self) -> None:
        while True:
            with self._feed.listen() as listener:
                async for told in listener:
                    self._hear(told)

    def _hear(self, told: Told) -> None:
        if isinstance(told.observation, SiteChanged) and told.answer.outcome == "accepted":
            self._layout = told.observation.site.layout
            self._send({"layout": self._layout})
        for id_, event in told.events:
            if isinstance(event, TourAsked):
                self._ask(id_, event)

    def _ask(self, id_: str, asked: TourAsked) -> None:
        if len(self._asked) >= ROOM:
            self._give_up(next(iter(self._asked)), "too many plans wait")
        self._asked[id_] = asked
        self._send_asked(id_)

    def _send_asked(self, id_: str) -> None:
        asked = self._asked[id_]
        self._send(
            {"id": id_, "start": asked.start, "end": asked.end, "locations": asked.locations}
        )

    def _send(self, line: dict[str, Any]) -> None:
        """To nobody while there is no process: a new one is told everything."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(json.dumps(line).encode() + b"\n")

    async def _keep_alive(self) -> None:
        while True:
            try:
                await self._live()
            except (Lost, OSError) as err:
                log.warning("the planner %s; starting it again", err)
            await asyncio.sleep(self._restart_s)

    async def _live(self) -> None:
        """One process from its start to its end. Raises Lost."""
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        try:
            self._process = process
            self._send({"layout": self._layout})
            for id_ in tuple(self._asked):
                self._ask_again(id_)
            while True:
                await self._answered(json.loads(await self._line(process)))
        finally:
            self._process = None
            await _end(process)

    def _ask_again(self, id_: str) -> None:
        """What was asked when the process died may have been its death."""
        self._tries[id_] = self._tries.get(id_, 0) + 1
        if self._tries[id_] > TRIES:
            self._give_up(id_, "the planner died of it")
        else:
            self._send_asked(id_)

    async def _line(self, process: Process) -> bytes:
        assert process.stdout is not None
        while True:
            waits = bool(self._asked)
            try:
                async with asyncio.timeout(STUCK_S):
                    line = await process.stdout.readline()
            except TimeoutError as err:
                if waits:
                    raise Lost(f"has not answered for {STUCK_S:.0f} s") from err
                continue
            if not line:
                raise Lost("has ended")
            return line

    async def _answered(self, answer: dict[str, Any]) -> None:
        id_ = answer["id"]
        if "error" in answer:
            self._give_up(id_, answer["error"])
            return
        asked = self._forget(id_)
        if asked is None:
            return
        planned = TourPlanned(
            order=asked.order,
            version=asked.version,
            locations=tuple(map(LocationCode, answer["locations"])),
            length_mm=answer["length_mm"],
            optimal=answer["optimal"],
            at=self._clock.now(),
        )
        await self._inbox.put(Seen(planned, Nobody(), f"tour:{id_}"))

    def _give_up(self, id_: str, why: str) -> None:
        asked = self._forget(id_)
        if asked is not None:
            log.error("order %s is not routed: %s", asked.order, why)

    def _forget(self, id_: str) -> TourAsked | None:
        self._tries.pop(id_, None)
        return self._asked.pop(id_, None)


async def _end(process: Process) -> None:
    """Its input ends, and if that is not enough, it does."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(1.0):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
