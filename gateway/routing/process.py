"""A process that computes for the loop: one JSON line in, one answer out, in order.

It is started for its first question, again when it dies or hangs, and ends when nobody has asked
for a while. What was computed when it died may have been its death: it is asked twice at most.
"""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

log = logging.getLogger(__name__)
COMMAND: Final = (sys.executable, "-m", "gateway.planning")
ROOM: Final = 256
TRIES: Final = 2
STUCK_S: Final = 30.0
IDLE_S: Final = 600.0
RESTART_S: Final = 1.0
LONGEST_LINE: Final = 64 << 20


class NoAnswer(Exception):
    """The question is given up; the words say why."""


class Lost(Exception):
    """The process is dead or hangs."""


class Idle(Exception):
    """Nobody has asked for a while."""


@dataclass(slots=True)
class Waiting:
    line: bytes
    answer: asyncio.Future[dict[str, Any]]
    tries: int = 0


class Computing:
    """`layout`: as JSON text, adopted before the first question; `adopt` brings a later one."""

    def __init__(
        self,
        layout: str,
        command: Sequence[str] = COMMAND,
        *,
        room: int = ROOM,
        stuck_s: float = STUCK_S,
        idle_s: float = IDLE_S,
        restart_s: float = RESTART_S,
    ) -> None:
        self._layout, self._command, self._room = layout, command, room
        self._stuck_s, self._idle_s, self._restart_s = stuck_s, idle_s, restart_s
        self._waiting: dict[int, Waiting] = {}
        self._numbers = count(1)
        self._wanted = asyncio.Event()
        self._process: Process | None = None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def adopt(self, layout: str) -> None:
        self._layout = layout
        self._send(_line({"layout": layout}))

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Beyond the room the oldest question is given up. Raises NoAnswer."""
        if len(self._waiting) >= self._room:
            self._give_up(next(iter(self._waiting)), "too many questions wait")
        number = next(self._numbers)
        waiting = Waiting(
            _line({"id": number, **question}), asyncio.get_running_loop().create_future()
        )
        self._waiting[number] = waiting
        self._send(waiting.line)
        self._wanted.set()
        try:
            return await waiting.answer
        finally:
            self._waiting.pop(number, None)

    async def run(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                await self._live()
            except Idle:
                continue
            except (Lost, OSError) as err:
                log.warning("the planner %s; starting it again", err)
            if not self._waiting:
                self._wanted.clear()
            await asyncio.sleep(self._restart_s)

    async def _live(self) -> None:
        """One process from its start to its end. Raises Lost, Idle."""
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, start_new_session=True, limit=LONGEST_LINE
        )
        try:
            self._process = process
            self._send(_line({"layout": self._layout}))
            self._ask_again()
            while True:
                self._answered(await self._read(process))
        except Lost:
            for waiting in tuple(self._waiting.values())[:1]:
                waiting.tries += 1
            raise
        finally:
            self._process = None
            await _end(process)

    def _ask_again(self) -> None:
        for number, waiting in tuple(self._waiting.items()):
            if waiting.tries >= TRIES:
                self._give_up(number, "the planner died of it")
            else:
                self._send(waiting.line)

    async def _read(self, process: Process) -> dict[str, Any]:
        assert process.stdout is not None
        idle_s = 0.0
        while idle_s < self._idle_s:
            first = next(iter(self._waiting), None)
            within_s = self._stuck_s if self._waiting else min(self._stuck_s, self._idle_s)
            try:
                async with asyncio.timeout(within_s):
                    line = await process.stdout.readline()
            except TimeoutError as err:
                if first in self._waiting:
                    raise Lost(f"has not answered for {self._stuck_s:.0f} s") from err
                idle_s = 0.0 if self._waiting else idle_s + within_s
                continue
            if not line:
                raise Lost("has ended")
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._wanted.clear()
        raise Idle

    def _answered(self, answer: dict[str, Any]) -> None:
        waiting = self._waiting.pop(answer.pop("id"), None)
        if waiting is None or waiting.answer.done():  # nobody waits for it any more
            return
        if "lost" in answer:
            waiting.answer.set_exception(NoAnswer(answer["lost"]))
        else:
            waiting.answer.set_result(answer)

    def _give_up(self, number: int, why: str) -> None:
        waiting = self._waiting.pop(number)
        if not waiting.answer.done():
            waiting.answer.set_exception(NoAnswer(why))

    def _send(self, line: bytes) -> None:
        """To nobody while there is no process: a new one is told everything."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(line)


def _line(thing: Mapping[str, Any]) -> bytes:
    return json.dumps(thing).encode() + b"\n"


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
