"""One Modbus request at a time over a stream of bytes: sent, and its own reply found in whatever
comes."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from devices.tags.frames import Framing, Garbled, Reply
from devices.tags.pdu import Request

REMEMBERED: Final = 32
"""Unanswered requests whose late replies are still known."""
LONGEST_NOISE_S: Final = 1.0


class Silence(Exception):
    """No reply that fits came in time."""


class Broken(Exception):
    """The stream has ended or cannot be trusted."""


class Wire:
    """`received` and `lost` are fed by the stream; one task calls `ask`.

    gap_s: what a serial line needs between two frames. byte_s: how long one byte is on its way.
    late: told the unit and the seconds of a reply nobody waits for any more. dropped: told once
    that the stream has ended.
    """

    def __init__(
        self,
        framing: Framing,
        send: Callable[[bytes], None],
        late: Callable[[int, float], None] = lambda unit, seconds: None,
        *,
        gap_s: float = 0.0,
        byte_s: float = 0.0,
    ) -> None:
        self._framing, self._send, self.late = framing, send, late
        self.dropped: Callable[[], None] = lambda: None
        self._gap_s, self._byte_s = gap_s, byte_s
        self._loop = asyncio.get_running_loop()
        self._open: tuple[int, int, Request] | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._unanswered: OrderedDict[int, tuple[int, float]] = OrderedDict()
        self._last_byte = 0.0
        self._lost: str | None = None

    @property
    def problem(self) -> str | None:
        """Why the stream has ended."""
        return self._lost

    @property
    def numbered(self) -> bool:
        return self._framing.numbered

    async def ask(self, unit: int, request: Request, within_s: float) -> bytes:
        """The PDU of its reply, good or an exception. Raises Silence, Broken."""
        if self._lost is not None:
            raise Broken(self._lost)
        if self._gap_s:
            await self._gap()
        number, data = self._framing.request(unit, request)
        self._open, self._answer = (number, unit, request), self._loop.create_future()
        on_the_way_s = (len(data) + request.size) * self._byte_s
        began = self._loop.time()
        timer = self._loop.call_later(within_s + on_the_way_s, self._too_late, within_s)
        try:
            self._send(data)
            return await self._answer
        except Silence:
            self._remember(number, unit, began)
            raise
        finally:
            timer.cancel()
            self._open = None
            self._framing.forget()

    def received(self, data: bytes) -> None:
        self._last_byte = self._loop.time()
        try:
            for reply in self._framing.feed(data):
                self._take(reply)
        except Garbled as err:
            self.lost(str(err))

    def lost(self, why: str) -> None:
        """The first reason stays."""
        self._lost = self._lost or why
        self._end(Broken(self._lost))
        self.dropped()

    async def quiet(self) -> None:
        """Waits until nothing has come for a while: what is late on a serial line is passed by."""
        end = self._loop.time() + LONGEST_NOISE_S
        while self._gap_s and self._loop.time() < end:
            left_s = self._last_byte + 2 * self._gap_s - self._loop.time()
            if left_s <= 0:
                return
            await asyncio.sleep(left_s)

    async def _gap(self) -> None:
        left_s = self._last_byte + self._gap_s - self._loop.time()
        if left_s > 0:
            await asyncio.sleep(left_s)

    def _take(self, reply: Reply) -> None:
        if self._open is None or reply.number != self._open[0]:
            self._late(reply)
            return
        _, unit, request = self._open
        fits = request.fits(reply.pdu) or request.refusal(reply.pdu) is not None
        if reply.unit != unit or not fits:
            self._end(Silence("answered another question"))
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(reply.pdu)

    def _late(self, reply: Reply) -> None:
        unit, began = self._unanswered.pop(reply.number, (None, 0.0))
        if unit == reply.unit:
            self.late(reply.unit, self._loop.time() - began)

    def _remember(self, number: int, unit: int, began: float) -> None:
        self._unanswered[number] = (unit, began)
        while len(self._unanswered) > REMEMBERED:
            self._unanswered.popitem(last=False)

    def _too_late(self, within_s: float) -> None:
        self._end(Silence(f"no answer within {within_s * 1000:.0f} ms"))

    def _end(self, err: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(err)
            self._answer.exception()  # whoever asked may have stopped waiting
