"""Diverts on their way to the PLC: strictly one after another, each against its own deadline."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, cast, get_args, get_type_hints

from devices.device import Clock
from devices.failed import failed
from devices.handshake import Command
from devices.map.schema import CommandShake
from devices.tags.codec import Unwritable
from devices.tags.port import Denied, NoReply, Tags, TooLate
from devices.tags.value import Plain
from wcs.commands import Divert
from wcs.envelope import Posted
from wcs.names import DeviceId
from wcs.observations import CommandFailed, DivertAnswered, Observation

CODES: Final = get_args(get_type_hints(DivertAnswered)["code"])
WAITING: Final = 64
"""Commands that may wait; the PLC answers each within 10 ms."""
LOOK_S: Final = 0.003
"""Between two looks at the ack."""


class Decisions:
    """The command handshake of one session; `post` never waits, `say` hears what became of it."""

    def __init__(
        self,
        device: DeviceId,
        shake: CommandShake,
        tags: Tags,
        clock: Clock,
        say: Callable[[Observation], None],
    ) -> None:
        self._device, self._shake, self._tags = device, shake, tags
        self._clock, self._say = clock, say
        self._machine = Command(*shake.seq_range, shake.retry)
        self._waiting: deque[Posted] = deque()
        self._more = asyncio.Event()
        self._over = False
        self._loop = asyncio.get_running_loop()

    async def resync(self, *, remembers: bool) -> None:
        """remembers: the PLC was not restarted since our last session."""
        self._machine.resync(*await self._numbers(), remembers=remembers)

    async def _numbers(self) -> tuple[int, int]:
        """As they stand in the registers: written, acknowledged."""
        seen = await self._tags.read(self._shake.seq, self._shake.ack)
        return _number(seen[self._shake.seq].value), _number(seen[self._shake.ack].value)

    def post(self, posted: Posted) -> None:
        if self._over:
            self._say(self._failed(posted, "the line dropped"))
        elif len(self._waiting) >= WAITING:
            self._say(self._failed(posted, "too many commands wait"))
        else:
            self._waiting.append(posted)
            self._more.set()

    def abandon(self, why: str = "the line dropped before the answer") -> None:
        """The session is over: what waits or is under way came to nothing, as far as we know."""
        self._over = True
        while self._waiting:
            self._say(self._failed(self._waiting.popleft(), why))

    async def run(self) -> None:
        while True:
            while self._waiting:
                ended = await self._carried_out(self._waiting[0])
                if self._over:  # it was reported with all that waited
                    return
                self._waiting.popleft()
                self._say(ended)
            self._more.clear()
            await self._more.wait()

    async def _carried_out(self, posted: Posted) -> Observation:
        try:
            return self._answered(posted, await self._decide(posted))
        except TooLate:
            return self._failed(posted, "too late: its moment had passed before it could be sent")
        except (Denied, Unwritable) as err:
            return self._failed(posted, str(err))

    async def _decide(self, posted: Posted) -> Plain | None:
        """The PLC's answer; None when there was none. Raises TooLate when nothing was sent."""
        command = posted.command
        if not isinstance(command, Divert) or not command.lane.isdecimal():
            raise Unwritable(f"a sorter has no lane for {command}")
        track_and_lane: tuple[Plain, ...] = (command.track, int(command.lane))
        data = dict(zip(self._shake.data, track_and_lane, strict=True))
        await self._is_free(command.before)
        seq = self._machine.next()
        await self._send(data, seq, command.before)
        while (answer := await self._answer(seq)) is None and self._machine.may_repeat():
            try:
                await self._send(data, seq, command.before)
            except TooLate:
                return None
        if answer is not None:
            self._machine.taken()
        return answer

    async def _is_free(self, before: datetime) -> None:
        """Waits for the command before this one, which may have gone unanswered. Raises Unwritable
        when the PLC does not take it in time."""
        while not self._machine.is_free:
            with suppress(NoReply):
                self._machine.seen(*await self._numbers())
            if self._machine.is_free:
                return
            if self._clock.now() >= before:
                raise Unwritable("the PLC has not taken the command before this one")
            await asyncio.sleep(LOOK_S)

    async def _send(self, data: dict[str, Plain], seq: int, before: datetime) -> None:
        with suppress(NoReply):  # the ack tells whether it came through
            await self._tags.write(data, {self._shake.seq: seq}, before=before)
        self._machine.sent(seq)

    async def _answer(self, seq: int) -> Plain | None:
        """Looks at the ack until it shows `seq` or the handshake's time is over."""
        end = self._loop.time() + self._shake.timeout_s
        while True:
            try:
                seen = await self._tags.read(self._shake.ack, self._shake.result)
            except NoReply:
                continue  # the line counts these and gives up
            if seen[self._shake.ack].value == seq:
                found = seen[self._shake.result]
                return found.value if found.value is not None else found.reason
            if self._loop.time() >= end:
                return None
            await asyncio.sleep(LOOK_S)

    def _answered(self, posted: Posted, code: Plain | None) -> Observation:
        command = cast(Divert, posted.command)
        if code is None:
            return self._failed(posted, "no answer from the PLC")
        if code not in CODES:
            return self._failed(posted, f"the PLC answered {code}")
        return DivertAnswered(
            sorter=self._device,
            track=command.track,
            command=posted.id,
            code=cast(Any, code),
            at=self._clock.now(),
        )

    def _failed(self, posted: Posted, reason: str) -> CommandFailed:
        return failed(posted, reason, self._clock.now())


def _number(value: Plain | None) -> int:
    return value if isinstance(value, int) else 0
