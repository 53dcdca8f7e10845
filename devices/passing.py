"""What passes a place just now, told by one device to another: the eye of a sorter gives a carton
its number, the heads of a tunnel read it. Whoever does not listen now hears nothing later."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from wcs.names import DeviceId

AT_MOST: Final = 256
"""Of a listener that is behind; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Eye:
    """A carton has come to the eye of `by`, which calls it `number` from now on."""

    by: DeviceId
    number: int
    at_s: float
    """Of the loop's clock."""


T = TypeVar("T")


class Ear(Generic[T]):
    def __init__(self) -> None:
        self._waiting: deque[T] = deque(maxlen=AT_MOST)
        self._more = asyncio.Event()

    def hear(self, what: T) -> None:
        self._waiting.append(what)
        self._more.set()

    async def told(self, within_s: float | None) -> list[T]:
        """Waits for something; nothing when the time is over."""
        try:
            async with asyncio.timeout(within_s):
                await self._more.wait()
        except TimeoutError:
            return []
        told = list(self._waiting)
        self._waiting.clear()
        self._more.clear()
        return told


class Passing:
    """By device: an eye is told under its own name, the read of a head under that of its tunnel."""

    def __init__(self) -> None:
        self._ears: dict[DeviceId, list[Ear[object]]] = {}

    def tell(self, name: DeviceId, what: object) -> None:
        for ear in self._ears.get(name, ()):
            ear.hear(what)

    @contextmanager
    def heard(self, *names: DeviceId) -> Iterator[Ear[object]]:
        ear: Ear[object] = Ear()
        for name in names:
            self._ears.setdefault(name, []).append(ear)
        try:
            yield ear
        finally:
            for name in names:
                self._ears[name].remove(ear)
