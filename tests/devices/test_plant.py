"""Devices are started, stopped and swapped one by one; the others do not notice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from devices.links import Links
from devices.map.schema import Scale, TcpClient
from devices.plant import Effective, Plant, Swap
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp, Observation

T0 = datetime(2026, 11, 22, 10, tzinfo=UTC)
A, B = DeviceId("scale1"), DeviceId("scale2")


class FixedClock:
    def now(self) -> datetime:
        return T0


class QuietSession:
    has = ()

    async def observations(self) -> AsyncIterator[Seen]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]

    def post(self, posted: Posted) -> None: ...
    def settled(self, seen: Seen, answer: Answer) -> None: ...


class Hall:
    """A plant whose drivers say when their sessions open and close."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.heard: list[Observation] = []
        self._more = asyncio.Event()
        self.links = Links(self.report, FixedClock())
        self.plant = Plant(self.make, self.links, self.report, FixedClock())

    def make(self, id: DeviceId, effective: Effective) -> "Hall.Driver":
        return Hall.Driver(self, id, effective)

    async def report(self, seen: Seen) -> None:
        self.heard.append(seen.observation)
        self._more.set()

    async def up(self, *ids: DeviceId) -> None:
        async with asyncio.timeout(5):
            while not set(ids) <= set(self.links):
                self._more.clear()
                await self._more.wait()

    class Driver:
        def __init__(self, hall: "Hall", id: DeviceId, effective: Effective) -> None:
            self.hall, self.id, self.effective = hall, id, effective

        @asynccontextmanager
        async def session(self) -> AsyncIterator[QuietSession]:
            self.hall.log.append(f"{self.id} opened {self.effective.mode}")
            try:
                yield QuietSession()
            finally:
                self.hall.log.append(f"{self.id} closed")


@asynccontextmanager
async def running(hall: Hall) -> AsyncIterator[Plant]:
    yield hall.plant
    await hall.plant.close()


def scale(port: int, id: DeviceId = A) -> Effective:
    config = Scale(kind="scale", connection=f"tcp_{id}", protocol="mt-sics")
    return Effective(config, TcpClient(type="tcp-client", host="127.0.0.1", port=port))


async def test_only_what_changed_is_swapped() -> None:
    hall = Hall()
    async with running(hall) as plant:
        assert await plant.apply({A: scale(1), B: scale(2, B)}) == Swap(started=(A, B))
        await hall.up(A, B)
        assert await plant.apply({A: scale(3), B: scale(2, B)}) == Swap(swapped=(A,))
        assert "scale2 closed" not in hall.log
        await hall.up(A)
        assert await plant.apply({A: scale(3), B: scale(2, B)}) == Swap()
    assert hall.log.count("scale1 closed") == 2
    assert hall.log.count("scale2 closed") == 1


async def test_off_stops_and_a_device_that_was_up_is_said_to_be_down() -> None:
    hall = Hall()
    async with running(hall) as plant:
        await plant.apply({A: scale(1)})
        await hall.up(A)
        assert await plant.apply({A: replace(scale(1), mode="off")}) == Swap(stopped=(A,))
        assert A not in hall.links
        assert hall.heard == [
            DeviceUp(device=A, has=(), at=T0),
            DeviceDown(device=A, reason="switched off", at=T0),
        ]
        await plant.apply({A: replace(scale(1), mode="observe")})
        await hall.up(A)
    assert hall.log[-2:] == ["scale1 opened observe", "scale1 closed"]


async def test_a_device_taken_out_of_the_map_is_gone() -> None:
    hall = Hall()
    async with running(hall) as plant:
        await plant.apply({A: scale(1), B: scale(2, B)})
        await hall.up(A, B)
        assert await plant.apply({B: scale(2, B)}) == Swap(stopped=(A,))
        assert set(plant.running) == {B}
