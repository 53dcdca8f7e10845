"""The world as a process: real time drives the model, the bus joins it to its equipment."""

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, time_ns

from simulators.bus import BusServer, Message
from simulators.process import Place, parser, place, ready, run
from simulators.story import plan
from simulators.world.config import given
from simulators.world.control import Control
from simulators.world.phones import PEOPLE, Phones
from simulators.world.world import World


class LiveWorld:
    """Lets everything that is due happen before anything new is heard."""

    def __init__(self, site: Place, orders: int, stock: Path | None) -> None:
        self._bus = BusServer(
            acted=self._acted, standing=self._arrived, gone=self._gone, asked=self._asked
        )
        self._phones = Phones(self._bus.tell)
        self._began, self._stirred = monotonic(), asyncio.Event()
        story, facts = plan(site.seed, orders), given(site.map, stock)
        self._world = World(
            facts, story, site.speed, self._bus.tell, self._phones.ask, run=f"{time_ns():x}"
        )
        self._control = Control(self._world)

    async def live(self, id: str, port: int) -> None:
        address = await self._bus.listen(port)
        ready(id, {"host": address.host, "port": address.port})
        try:
            while True:
                self._catch_up()
                await self._pause()
        finally:
            await self._bus.close()

    async def _pause(self) -> None:
        """Until the next thing is due, or somebody stirs."""
        due = self._world.stage.next_at
        wait_s = math.inf if due is None else max(0.0, due - (monotonic() - self._began))
        try:
            async with asyncio.timeout(None if wait_s == math.inf else wait_s):
                await self._stirred.wait()
        except TimeoutError:
            return
        self._stirred.clear()

    def _catch_up(self) -> None:
        self._world.stage.run_until(monotonic() - self._began)

    def _acted(self, device: str, act: Message) -> None:
        self._catch_up()
        if device == PEOPLE:
            self._phones.answer(act)
        else:
            self._world.acted(device, act)
        self._catch_up()
        self._stirred.set()

    def _arrived(self, device: str) -> Iterator[Message]:
        self._catch_up()
        if device == PEOPLE:
            self._phones.switch(True)
        self._stirred.set()
        yield from list(self._world.arrived(device))

    def _gone(self, device: str) -> None:
        self._catch_up()
        if device == PEOPLE:
            self._phones.switch(False)
        self._world.gone(device)
        self._stirred.set()

    def _asked(self, ask: Message) -> Message:
        self._catch_up()
        answer = self._control.answer(ask)
        self._stirred.set()
        return answer


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--orders", type=int, default=0, help="orders of the story")
    arguments.add_argument("--stock", type=Path, help="stock file instead of the site's")
    parsed = arguments.parse_args()
    site = place(parsed)

    async def main() -> None:
        await LiveWorld(site, parsed.orders, parsed.stock).live(site.id, site.tcp_port)

    run(main)
