"""One open line to a scanner: its codes, whether it lives, and what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from devices.errors import Unreachable
from devices.map.schema import Scanner
from devices.scanner.dialect import Dialect
from devices.scanner.payload import Beat, Read
from devices.scanner.reads import Reads
from devices.scanner.wires import Wire
from wcs.names import DeviceId


class ScannerLine:
    """speaks: where nothing may be written, not even a receipt goes out. noise: told the bytes that
    belong to no code, so far."""

    def __init__(
        self,
        id: DeviceId,
        config: Scanner,
        wire: Wire,
        dialect: Dialect,
        noise: Callable[[int], None],
        *,
        speaks: bool,
    ) -> None:
        self._id, self._wire, self._dialect = id, wire, dialect
        self._reads, self._noise, self._speaks = Reads(config, dialect), noise, speaks
        self._idle_s = config.framing.idle_flush_s
        self._lost_after_s = config.heartbeat.lost_after_s if config.heartbeat else None

    async def reads(self) -> AsyncIterator[tuple[str, Read]]:
        """Each frame as it came, and what it says; each is to be answered. Raises Unreachable."""
        alive = asyncio.get_running_loop().time()
        while True:
            for payload, said in self._reads.feed(await self._bytes(alive)):
                alive = asyncio.get_running_loop().time()
                if isinstance(said, Beat):
                    self._dialect.answer(None)
                else:
                    yield payload, said
            self._pay()
            self._noise(self._reads.noise)

    def answer(self, good: bool | None) -> None:
        """None: the operator hears nothing. A scanner that is gone needs no answer, and `reads`
        says that it is."""
        self._dialect.answer(good)
        with suppress(Unreachable):
            self._pay()

    async def _bytes(self, alive: float) -> bytes:
        """Nothing when the scanner fell silent in the middle of a code. Only whole frames prove
        life: `alive` is the loop's time of the last one."""
        now = asyncio.get_running_loop().time()
        idle_s = self._idle_s if self._dialect.partial else None
        left_s = None if self._lost_after_s is None else max(alive + self._lost_after_s - now, 0.0)
        try:
            return await self._wire.read(
                min((each for each in (left_s, idle_s) if each is not None), default=None)
            )
        except TimeoutError as err:
            if left_s is not None and (idle_s is None or left_s <= idle_s):
                raise Unreachable(self._id, f"silent for {self._lost_after_s:g} s") from err
            self._dialect.flush()
            return b""

    def _pay(self) -> None:
        if (owed := self._dialect.owed()) and self._speaks:
            self._wire.write(owed)
