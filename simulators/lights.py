"""The pick-to-light zone: lamps and buttons of the simulated world on a real MQTT broker."""

import asyncio
import logging
import secrets
from datetime import UTC, datetime
from typing import Any

from devices.map.load import load_map
from devices.map.schema import LightTopics, LightZone
from simulators import process
from simulators.bus import BusClient, Message
from simulators.lamps import Lamps
from simulators.mqtt import Line

log = logging.getLogger("lights")

LIGHT = "{light}"


class Zone:
    def __init__(self, id: str, topics: LightTopics, lamps: Lamps, world: BusClient) -> None:
        self.online = asyncio.Event()
        self._topics, self._lamps, self._world = topics, lamps, world
        self._line = Line(
            f"zone-{id}",
            connected=self._say_all,
            received=self._obey,
            will=(topics.status, {"online": False}),
            topics=[(topics.command.replace(LIGHT, "+"), topics.qos)],
            keepalive_s=5,
        )

    def open(self, host: str, port: int) -> None:
        for light in self._lamps.shows:
            self._show(light)
        self._line.open(host, port)

    def close(self) -> None:
        self._line.close()

    def heard(self, fact: Message) -> None:
        """A press by somebody of the world, a key of a lamp, or a lamp that breaks."""
        match fact:
            case {"fact": "press", "light": light, "button": button, "qty": qty}:
                self._tell(light, self._lamps.press(light, button, qty))
            case {"fact": "key", "light": light, "key": key}:
                self._tell(light, self._lamps.key(light, key))
            case {"fact": "fault", "fault": "silent" | "stuck" as fault, "light": light, "on": on}:
                self._break(light, "no_answer" if fault == "silent" else fault, on)
            case {"fact": "fault", "fault": "restart", "light": light, "on": True}:
                self._lamps.restart(light)
                self._show(light)
                self._say(light)
            case _:
                log.debug("not for lights: %s", fact)

    def _break(self, light: str, fault: str, on: bool) -> None:
        if on:
            self._lamps.faults[light] = fault
        else:
            self._lamps.faults.pop(light, None)
        self._say(light)

    def _tell(self, light: str, event: Message) -> None:
        if light not in self._lamps.faults:
            topic = self._topics.event.replace(LIGHT, light)
            self._line.publish(topic, event, qos=self._topics.qos)

    def _say_all(self) -> None:
        """After every connect: what is retained may be gone with the old broker."""
        status = {"online": True, "boot": self._lamps.boot}
        self._line.publish(self._topics.status, status, retain=True)
        for light in self._lamps.shows:
            self._say(light)
        self.online.set()

    def _obey(self, topic: str, command: Any) -> None:
        light = _light(topic, self._topics.command)
        try:
            obeyed = self._lamps.set(light, command, datetime.now(UTC))
        except KeyError:
            log.warning("no lamp %s in this zone", light)
            return
        if not obeyed:
            return
        self._show(light)
        if light in self._lamps.lose:
            self._lamps.lose.discard(light)
        else:
            self._say(light)

    def _say(self, light: str) -> None:
        topic = self._topics.state.replace(LIGHT, light)
        self._line.publish(topic, self._lamps.state(light), qos=self._topics.qos, retain=True)

    def _show(self, light: str) -> None:
        lamp = self._lamps.shows[light]
        self._world.act(
            "lamp",
            light=light,
            on=lamp.on,
            task=lamp.task,
            qty=lamp.qty,
            colour=lamp.colour,
            flash=lamp.flash,
            text=lamp.text,
        )


def _light(topic: str, pattern: str) -> str:
    before, _, after = pattern.partition(LIGHT)
    return topic.removeprefix(before).removesuffix(after)


async def serve(place: process.Place, broker: process.HostPort) -> None:
    device = load_map(place.map).devices[place.id]
    assert isinstance(device, LightZone), f"{place.id} is no pick-to-light zone"
    assert place.world is not None, "a zone of lights needs --world"
    assert device.mqtt is not None, f"{place.id} does not speak MQTT"
    world = BusClient(place.world, place.id)
    lamps = Lamps(list(device.lights), boot=secrets.token_hex(4))
    zone = Zone(place.id, device.mqtt, lamps, world)
    zone.open(*broker)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.run(zone.heard))
            await zone.online.wait()
            process.ready(place.id, {"host": broker.host, "port": broker.port})
    finally:
        zone.close()


def main() -> None:
    parser = process.parser(__doc__ or "")
    parser.add_argument("--broker", type=process.host_port, required=True, help="HOST:PORT")
    given = parser.parse_args()
    process.run(lambda: serve(process.place(given), given.broker))


if __name__ == "__main__":
    main()
