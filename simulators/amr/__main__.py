"""A VDA 5050 2.1.0 vehicle on a real broker: orders in, states out, cartons by the world."""

import asyncio
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from devices.map.load import load_map
from devices.map.schema import Fleet
from simulators import process
from simulators.amr import messages
from simulators.amr.vehicle import PICK, Vehicle
from simulators.bus import BusClient, Message
from simulators.mqtt import Line

MAJOR = "v2"


class Wire:
    """The vehicle's topics."""

    def __init__(self, vehicle: Vehicle, fleet: Fleet, wake: asyncio.Event) -> None:
        of = fleet.vda5050
        serial = of.serial or ""
        self.online = asyncio.Event()
        self._topic = f"{of.interface}/{MAJOR}/{of.manufacturer}/{serial}/{{}}".format
        self._vehicle, self._wake = vehicle, wake
        self._headers = messages.Headers(of.manufacturer, serial)
        self._told: dict[str, Any] = {}
        self._line = Line(
            f"vehicle-{serial}",
            connected=self._arrived,
            received=self._heard,
            will=(self._topic("connection"), self._connection("CONNECTIONBROKEN")),
            topics=[(self._topic("order"), 0), (self._topic("instantActions"), 0)],
        )

    def open(self, host: str, port: int) -> None:
        self._line.open(host, port)

    def close(self) -> None:
        self._say("connection", {"connectionState": "OFFLINE"}, qos=1, retain=True)
        self._line.close()

    def tell(self, *, anyhow: bool) -> bool:
        """Sends the state if it holds news, or anyhow. Returns whether it was sent."""
        state = messages.state(self._vehicle)
        news = messages.news(state)
        if not anyhow and news == self._told:
            return False
        self._told = news
        self._say("state", state)
        return True

    def show(self) -> None:
        self._say("visualization", messages.visualization(self._vehicle))

    def obey_requests(self) -> None:
        """Instant actions that ask for a message get it."""
        while self._vehicle.said:
            if self._vehicle.said.popleft() == "stateRequest":
                self.tell(anyhow=True)
            else:
                self._say("factsheet", messages.factsheet(), retain=True)

    def _arrived(self) -> None:
        self._say("connection", {"connectionState": "ONLINE"}, qos=1, retain=True)
        self._say("factsheet", messages.factsheet(), retain=True)
        self.tell(anyhow=True)
        self.online.set()

    def _heard(self, topic: str, content: Any) -> None:
        if topic == self._topic("order"):
            self._vehicle.offer(content)
        else:
            self._vehicle.instant(content)
        self._wake.set()

    def _connection(self, connection: str) -> dict[str, Any]:
        return self._headers.on("connection", {"connectionState": connection})

    def _say(self, name: str, body: dict[str, Any], *, qos: int = 0, retain: bool = False) -> None:
        self._line.publish(self._topic(name), self._headers.on(name, body), qos=qos, retain=retain)


class Floor:
    """The world around the vehicle: cartons come aboard and leave."""

    def __init__(self, vehicle: Vehicle, id: str, world: BusClient, wake: asyncio.Event) -> None:
        self._vehicle, self._id, self._world, self._wake = vehicle, id, world, wake

    def ask(self) -> None:
        while self._vehicle.asks:
            asked = self._vehicle.asks.popleft()
            act = "amr_pick" if asked.kind == PICK else "amr_drop"
            self._world.act(act, vehicle=self._id, lpns=[asked.load])

    def heard(self, fact: Message) -> None:
        if fact["fact"] in ("amr_loaded", "amr_dropped"):
            for lpn in fact["lpns"]:
                self._vehicle.handled(lpn, True)
            for lpn in fact["missing"]:
                self._vehicle.handled(lpn, False, f"{lpn} is not there")
            self._wake.set()


async def drive(
    vehicle: Vehicle, wire: Wire, floor: Floor, wake: asyncio.Event, speed: float
) -> None:
    """Time goes by `speed` times as fast as on the clock; news are told when they happen."""
    loop = asyncio.get_running_loop()
    past, told_at, shown_at = loop.time(), 0.0, 0.0
    while True:
        wire.obey_requests()
        floor.ask()
        if wire.tell(anyhow=loop.time() - told_at >= messages.STATE_EVERY_S):
            told_at = loop.time()
        if vehicle.driving and loop.time() - shown_at >= messages.VISUALIZATION_EVERY_S:
            wire.show()
            shown_at = loop.time()
        await _sleep(wake, _wait_s(vehicle, speed, told_at + messages.STATE_EVERY_S - loop.time()))
        now = loop.time()
        left_s, past = (now - past) * speed, now
        while left_s > 0:
            left_s = vehicle.advance(left_s)
            floor.ask()
            told_at = now if wire.tell(anyhow=False) else told_at


def _wait_s(vehicle: Vehicle, speed: float, until_state_s: float) -> float:
    due = vehicle.due_in()
    shortest = messages.VISUALIZATION_EVERY_S if vehicle.driving else messages.STATE_EVERY_S
    return max(0.001, min(shortest, until_state_s, *([due / speed] if due is not None else [])))


async def _sleep(wake: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        pass
    wake.clear()


def parked(folder: Path, node: str) -> Vehicle:
    """The vehicle on its first node, its pose from the layout. Raises KeyError, OSError."""
    site, layout = (YAML(typ="safe").load(folder / name) for name in ("site.yaml", "layout.yaml"))
    at = next(one for one in layout["nodes"] if one["id"] == node)
    return Vehicle(node, float(at["x"]), float(at["y"]), str(site["trips"]["map_id"]))


async def serve(place: process.Place, broker: process.HostPort, node: str) -> None:
    fleet = load_map(place.map).devices[place.id]
    assert isinstance(fleet, Fleet), f"{place.id} is no vehicle"
    assert place.world is not None, "a vehicle needs --world"
    vehicle, wake = parked(place.map, node), asyncio.Event()
    wire = Wire(vehicle, fleet, wake)
    world = BusClient(place.world, place.id)
    floor = Floor(vehicle, place.id, world, wake)
    wire.open(*broker)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.run(floor.heard))
            tasks.create_task(drive(vehicle, wire, floor, wake, place.speed))
            await wire.online.wait()
            process.ready(place.id, {"host": broker.host, "port": broker.port})
    finally:
        wire.close()


def main() -> None:
    parser = process.parser(__doc__ or "")
    parser.add_argument("--broker", type=process.host_port, required=True, help="HOST:PORT")
    parser.add_argument("--node", default="HANDOVER", help="where it stands at first")
    given = parser.parse_args()
    process.run(lambda: serve(process.place(given), given.broker, given.node))


if __name__ == "__main__":
    main()
