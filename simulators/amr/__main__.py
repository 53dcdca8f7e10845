"""A VDA 5050 2.1.0 vehicle on a real broker: orders in, states out, cartons by the world."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from devices.map.load import load_map
from devices.map.schema import Fleet
from simulators import process
from simulators.amr import messages
from simulators.amr.vehicle import Vehicle
from simulators.amr.wire import Later, Wire
from simulators.amr.work import PICK
from simulators.bus import BusClient, Message


class Floor:
    """The world around the vehicle: cartons come aboard and leave."""

    def __init__(self, vehicle: Vehicle, id: str, world: BusClient, later: Later) -> None:
        self._vehicle, self._id, self._world, self._later = vehicle, id, world, later

    def ask(self) -> None:
        while self._vehicle.asks:
            asked = self._vehicle.asks.popleft()
            act = "amr_pick" if asked.kind == PICK else "amr_drop"
            self._world.act(act, vehicle=self._id, lpns=[asked.load])

    def heard(self, fact: Message) -> None:
        if fact["fact"] in ("amr_loaded", "amr_dropped"):
            self._later(lambda: self._handled(fact))

    def _handled(self, fact: Message) -> None:
        for lpn in fact["lpns"]:
            if fact["fact"] == "amr_loaded":
                self._vehicle.carries(lpn)
            self._vehicle.handled(lpn, True)
        for lpn in fact["missing"]:
            self._vehicle.handled(lpn, False, f"{lpn} is not there")


class Time:
    """The vehicle's time goes `speed` times as fast as the clock. What it hears waits until its
    time has come up to now, so that nothing happens before it was said."""

    def __init__(self, vehicle: Vehicle, speed: float) -> None:
        self._vehicle, self._speed = vehicle, speed
        self._loop = asyncio.get_running_loop()
        self._past = self._loop.time()
        self._waiting: deque[Callable[[], None]] = deque()
        self._wake = asyncio.Event()

    def later(self, act: Callable[[], None]) -> None:
        self._waiting.append(act)
        self._wake.set()

    def pass_on(self, news: Callable[[], None]) -> None:
        """Up to now, change by change, then whatever was heard; `news` looks after each."""
        now = self._loop.time()
        left_s, self._past = (now - self._past) * self._speed, now
        while left_s > 0:
            left_s = self._vehicle.advance(left_s)
            news()
        while self._waiting:
            self._waiting.popleft()()
            news()

    async def wait(self, longest_s: float) -> None:
        """Until the vehicle changes by itself, something is heard, or so long."""
        due_s = self._vehicle.due_in()
        wait_s = longest_s if due_s is None else min(longest_s, due_s / self._speed)
        try:
            async with asyncio.timeout(max(0.001, wait_s)):
                await self._wake.wait()
        except TimeoutError:
            return
        finally:
            self._wake.clear()


class Parking:
    """Where the vehicle was last, in a file: it stands there also after a reboot."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.node = json.loads(path.read_text("utf-8"))["node"] if path.exists() else ""

    def note(self, node: str) -> None:
        if node != self.node:
            self.node = node
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps({"node": node}), encoding="utf-8")
            fresh.replace(self._path)


async def drive(vehicle: Vehicle, wire: Wire, floor: Floor, time: Time, parking: Parking) -> None:
    """Tells news as they happen, the state every five seconds at least, its pose on the way."""
    loop = asyncio.get_running_loop()
    told_at = shown_at = 0.0

    def news() -> None:
        nonlocal told_at
        floor.ask()
        wire.obey_requests()
        parking.note(vehicle.last_node)
        if wire.tell(anyhow=loop.time() - told_at >= messages.STATE_EVERY_S):
            told_at = loop.time()

    while True:
        time.pass_on(news)
        news()
        if vehicle.driving and loop.time() - shown_at >= messages.VISUALIZATION_EVERY_S:
            wire.show()
            shown_at = loop.time()
        until_state_s = told_at + messages.STATE_EVERY_S - loop.time()
        shortest_s = messages.VISUALIZATION_EVERY_S if vehicle.driving else until_state_s
        await time.wait(min(until_state_s, shortest_s))


def parked(folder: Path, node: str) -> Vehicle:
    """The vehicle on that node, its pose from the layout. Raises StopIteration, OSError."""
    site, layout = (YAML(typ="safe").load(folder / name) for name in ("site.yaml", "layout.yaml"))
    at = next(one for one in layout["nodes"] if one["id"] == node)
    return Vehicle(node, float(at["x"]), float(at["y"]), str(site["trips"]["map_id"]))


async def serve(place: process.Place, broker: process.HostPort, node: str, state: Path) -> None:
    fleet = load_map(place.map).devices[place.id]
    assert isinstance(fleet, Fleet), f"{place.id} is no vehicle"
    assert place.world is not None, "a vehicle needs --world"
    state.mkdir(parents=True, exist_ok=True)
    parking = Parking(state / f"{place.id}.json")
    vehicle = parked(place.map, parking.node or node)
    time = Time(vehicle, place.speed)
    wire = Wire(vehicle, fleet, time.later)
    world = BusClient(place.world, place.id)
    floor = Floor(vehicle, place.id, world, time.later)
    wire.open(*broker)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.run(floor.heard))
            tasks.create_task(drive(vehicle, wire, floor, time, parking))
            await wire.online.wait()
            process.ready(place.id, {"host": broker.host, "port": broker.port})
    finally:
        wire.close()


def main() -> None:
    parser = process.parser(__doc__ or "")
    parser.add_argument("--broker", type=process.host_port, required=True, help="HOST:PORT")
    parser.add_argument("--node", default="HANDOVER", help="where it stands at first")
    parser.add_argument("--state", type=Path, required=True, help="folder of what it keeps")
    given = parser.parse_args()
    place = process.place(given)
    process.run(lambda: serve(place, given.broker, given.node, given.state))


if __name__ == "__main__":
    main()
