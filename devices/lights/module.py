"""One module on a Modbus line: a lamp, and a key that is read in turn with all the others."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from devices.device import Clock
from devices.errors import Refused, Unreachable
from devices.lights.pick_iq import Block, PickIqCodec, Words, writes
from devices.lights.wire import Fault, LampState, NotDone, Press, Said
from devices.map.lights import PickIq
from devices.map.units import At
from devices.tags.bus import Bus, Turn
from devices.tags.pdu import NOT_HERE
from devices.tags.port import Denied, NoReply, TooLate
from wcs.commands import SetLight
from wcs.envelope import Posted
from wcs.names import LightId, TaskId

UNKNOWN: Final = TaskId("?")
"""It is lit, and nobody knows any more for what."""
AGAIN_S: Final = 2.0
"""A module that is not there is asked so often."""


class Module:
    """Whatever it reads and writes is done by the line's one task, one thing after another.

    say: told what it shows and what is pressed. lost: told why when the whole line is.
    """

    def __init__(
        self,
        light: LightId,
        number: int,
        bus: Bus,
        config: PickIq,
        clock: Clock,
        name: str,
        say: Callable[[Said], None],
        lost: Callable[[str], None],
    ) -> None:
        self._light, self._bus, self._name = light, bus, name
        self._config, self._codec, self._clock = config, PickIqCodec(config), clock
        self._say, self._lost = say, lost
        self._loop = asyncio.get_running_loop()
        self.task: TaskId | None = None
        self._qty = 0
        self._touch: int | None = None
        self._touched_at = 0.0
        self._presses = 0
        self.fault: Fault | None = None
        self.refused: Refused | None = None
        self.known = asyncio.Event()
        """It has answered, or it is known not to."""
        self._unit = bus.join(number, self)
        self._turn = Turn(self._unit, config.poll_s, self._poll, self._loop.time())
        if self._unit.health.silent:
            self.ended("does not answer")
        bus.every(self._turn)

    def close(self) -> None:
        self._turn.gone = True
        self._bus.leave(self._unit, self)

    def ended(self, problem: str) -> None:
        if self._bus.dead:
            self.fault = "no_answer"
            self._lost(problem)
        elif self.fault != "no_answer":
            self.fault = "no_answer"
            self._turn.every_s = AGAIN_S
            self._say(LampState(self._light, self.task, self.fault))
        self.known.set()

    async def show(self, posted: Posted) -> None:
        """Where no reply comes nothing is said: nobody knows what it shows."""
        command = posted.command
        assert isinstance(command, SetLight)
        try:
            await self._bus.order(self._unit, partial(self._write, command))
        except TooLate:
            self._say(NotDone(posted, "too late"))
        except NoReply:
            return
        except Denied as err:
            self._say(NotDone(posted, err.problem))
        except Unreachable:
            if not self._bus.dead:
                self._say(LampState(self._light, self.task, "no_answer"))

    # --- on the line's task -----------------------------------------------------------------------

    async def _poll(self) -> None:
        try:
            words = await self._look(self._codec.status)
        except Denied as err:
            if err.code in NOT_HERE and not self.known.is_set():
                self.refused = err
                self.known.set()
            raise
        self._take(words)

    async def _write(self, command: SetLight) -> None:
        """What it holds already is not written again: a lost reply lights nothing twice. What was
        pressed until its lamp has changed was pressed for the task before."""
        held = await self._look(self._codec.all)
        self._take(held)
        if self._clock.now() >= command.before:
            raise TooLate
        wanted, old = self._codec.wanted(command), self.task
        if requests := writes(wanted, held):
            self.task = UNKNOWN
            for request in requests:
                await self._bus.ask(self._unit, request, self._name)
            held = await self._look(self._codec.all)
            self._keys(held, old)
        if not writes(wanted, held):
            self.task, self._qty = command.task, command.qty
            self._say(LampState(self._light, command.task, self.fault))

    async def _look(self, blocks: Sequence[Block]) -> Words:
        """A key that has come down is looked at once more: replies of one register look alike on a
        serial line, and one that went astray must not be a pick."""
        words = await self._read(blocks)
        if self._codec.touch(words) and not self._touch:
            words = {**words, **await self._read(self._codec.key)}
        return words

    async def _read(self, blocks: Sequence[Block]) -> Words:
        words: dict[At, int] = {}
        for block in blocks:
            reply = await self._bus.ask(self._unit, block.request, self._name)
            words |= block.words(reply)
        return words

    def _take(self, words: Words) -> None:
        was = self.task
        if not self._codec.is_lit(words):
            self.task = None  # by itself: it has started anew
        elif was is None:
            self.task = UNKNOWN
        back = self.fault == "no_answer"
        if back:
            self.fault, self._turn.every_s = None, self._config.poll_s
        if self.known.is_set() and (back or was != self.task):
            self._say(LampState(self._light, self.task, self.fault))
        self._keys(words, self.task)
        self.known.set()

    def _keys(self, words: Words, task: TaskId | None) -> None:
        touch, now = self._codec.touch(words), self._loop.time()
        before = touch if self._touch is None else self._touch
        if touch != self._touch:
            self._touch, self._touched_at = touch, now
        button = self._codec.button(touch)
        if button is not None and button != self._codec.button(before):
            self._press("short" if button == "empty" else button, task)
        if touch and self.fault is None and now - self._touched_at > self._config.stuck_after_s:
            self.fault = "stuck"
            self._say(LampState(self._light, self.task, self.fault))
        elif not touch and self.fault == "stuck":
            self.fault = None
            self._say(LampState(self._light, self.task))

    def _press(self, button: str, task: TaskId | None) -> None:
        self._presses += 1
        confirm = button == "confirm"
        self._say(
            Press(
                self._light,
                task,
                "confirm" if confirm else "short",
                self._qty if confirm else 0,
                f"{self._name}:{self._presses}",
            )
        )
