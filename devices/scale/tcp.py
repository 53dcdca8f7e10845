"""The in-motion scale: what it sends unasked is weighed, and when it is quiet it is asked."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from devices import streams
from devices.device import Clock
from devices.errors import Unreachable
from devices.live import Live
from devices.map.schema import Scale, TcpClient
from devices.scale.mt_sics import ASK, END, LIMIT, Said, Serial, Weight, parse
from devices.scale.weighing import Carton, Changed, Meaning, Unweighed, Weighing
from devices.scanner.framing import Frames
from devices.tags.value import Plain, Value
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import ScaleChanged, Weighed, WeighingFailed

ASK_AFTER_S: Final = 1.0
"""Silent for so long, the scale is asked for its value; as long again, and it is away."""
AT_ONCE: Final = 100
"""Lines between a question and its end; more is a scale that repeats itself and is not asked."""
Line = tuple[bytes, Said]


class ScaleDriver:
    def __init__(
        self, id: DeviceId, config: Scale, connection: TcpClient, *, clock: Clock, live: Live
    ) -> None:
        self.id = id
        self._config, self._connection = config, connection
        self._clock, self._live = clock, live

    @asynccontextmanager
    async def session(self) -> AsyncIterator["ScaleSession"]:
        async with streams.tcp(self.id, self._connection) as line:
            yield ScaleSession(self.id, line, Weighing(self._config), self._clock, self._live)


class ScaleSession:
    has: tuple[str, ...] = ()

    def __init__(
        self, id: DeviceId, line: streams.Line, weighing: Weighing, clock: Clock, live: Live
    ) -> None:
        self._id, self._line, self._weighing = id, line, weighing
        self._clock, self._live = clock, live
        self._frames = Frames(end=END, limit=LIMIT)

    async def observations(self) -> AsyncIterator[Seen]:
        for seen in await self._ask():
            yield seen
        while True:
            try:
                lines = await self._read()
            except TimeoutError:
                for seen in await self._ask():
                    yield seen
            else:
                for seen in self._unasked(lines):
                    yield seen
            for meaning in self._weighing.waited(_now()):
                yield self._seen(b"", meaning)

    async def _ask(self) -> list[Seen]:
        """The last weight ahead of the end of the answer is the answer; what came before it was
        unasked. Raises Unreachable when nothing comes."""
        self._line.write(ASK)
        lines: list[Line] = []
        try:
            while len(lines) < AT_ONCE and not any(isinstance(said, Serial) for _, said in lines):
                lines += await self._read()
        except TimeoutError:
            if not lines:
                raise Unreachable(self._id, "does not answer SI") from None
        end = next((n for n, (_, said) in enumerate(lines) if isinstance(said, Serial)), len(lines))
        *unasked, answer = lines[:end] or [(b"", Serial(""))]
        raw, said = answer
        answered = [self._seen(raw, meaning) for meaning in self._weighing.answered(said)]
        self._show(lines)
        return [*self._unasked(unasked), *answered, *self._unasked(lines[end + 1 :])]

    async def _read(self) -> list[Line]:
        """Whatever the scale says next. Raises TimeoutError when it is silent."""
        lines = self._frames.feed(await self._line.read(ASK_AFTER_S))
        return [(line, said) for line in lines if (said := parse(line)) is not None]

    def _unasked(self, lines: Iterable[Line]) -> list[Seen]:
        lines = list(lines)
        seen = [
            self._seen(line, meaning)
            for line, said in lines
            for meaning in self._weighing.unasked(said, _now())
        ]
        self._show(lines)
        return seen

    def _seen(self, line: bytes, meaning: Meaning) -> Seen:
        at, raw = self._clock.now(), line.decode("ascii")
        match meaning:
            case Carton(grams):
                return Seen(Weighed(scale=self._id, grams=grams, at=at), self, raw=raw)
            case Unweighed(why):
                failed = WeighingFailed(scale=self._id, reason=why, at=at)
                return Seen(failed, self, raw=raw)
            case Changed(problem):
                changed = ScaleChanged(scale=self._id, ready=not problem, reason=problem, at=at)
                return Seen(changed, self, raw=raw)

    def _show(self, lines: Iterable[Line]) -> None:
        for _, said in lines:
            match said:
                case Weight(grams, stable):
                    self._put("weight", grams, "g")
                    self._put("state", "at rest" if stable else "moves")
                case Serial(""):
                    pass
                case Serial(text):
                    self._put("serial", text)
                case _:
                    self._put("state", said.why)
        self._put("problem", self._weighing.problem)

    def _put(self, tag: str, value: Plain, unit: str = "") -> None:
        self._live.put(self._id, tag, Value(value, self._clock.now(), unit))

    def post(self, posted: Posted) -> None:
        raise TypeError(f"{self._id}: a scale obeys no command ({posted.id})")

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
