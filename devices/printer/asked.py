"""Questions to a printer, one at a time, each answered in time or not at all."""

import asyncio
from typing import Final, TypeVar

from devices import streams
from devices.errors import Unreachable
from devices.printer.zpl import ASK_BEGUN, ASK_LAST, ASK_STATUS, Answers, Name, Status
from wcs.names import DeviceId

ANSWER_WITHIN_S: Final = 2.0
MUTE: Final = Status("no paper or ribbon or the head is open")
"""Some answer no ~HS then, but do answer for their variables (programming guide, ~HS)."""

A = TypeVar("A", Name, Status)


class Silent(Unreachable):
    """It did not answer this question; perhaps it answers another."""


class Asked:
    """One question at a time to the printer at the other end of a line."""

    def __init__(self, id: DeviceId, line: streams.Line) -> None:
        self.id, self._line = id, line
        self._answers = Answers()

    def write(self, data: bytes) -> None:
        self._line.write(data)

    async def last(self) -> str:
        """The name of the label that ended last."""
        return (await self._ask(ASK_LAST, Name)).text

    async def begun(self) -> str:
        return (await self._ask(ASK_BEGUN, Name)).text

    async def status(self) -> Status:
        """Raises Unreachable when it answers nothing at all."""
        try:
            return await self._ask(ASK_STATUS, Status)
        except Silent:
            try:
                await self.last()
            except Silent:
                raise Unreachable(self.id, "does not answer ~HS") from None
            return MUTE

    async def _ask(self, question: bytes, kind: type[A]) -> A:
        """Raises Silent when no such answer comes in time."""
        self._line.write(question)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                while True:
                    for answer in self._answers.feed(await self._line.read()):
                        if isinstance(answer, kind):
                            return answer
        except TimeoutError as err:
            raise Silent(self.id, f"does not answer {question.decode().strip()}") from err
