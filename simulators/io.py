"""Inputs and outputs without a function, made from the map: its tags on the wire that the map says
(Modbus TCP, RTU behind TCP or on a serial port, OPC UA), and a program that answers its handshakes.

Facts come from the world, or as lines of JSON to the port given by `--control`: `set {tag, value}`,
`raise {shake, data}` for an event, the fault `restart` (everything zero) and those of
`simulators.io_faults`.
"""

import asyncio
import logging
from time import monotonic
from typing import Final

from devices.map.load import load_map
from devices.map.schema import Io
from simulators.bus import BusClient, Message
from simulators.io_places import device_of, placed, play
from simulators.io_shakes import Act, Part, Telling, part_of
from simulators.process import Place, parser, place, run

CYCLE_S: Final = 0.02

log = logging.getLogger("io")


class Station:
    """One powered device. `wire.at` opens its port; `beat` runs its program for ever."""

    def __init__(self, site: Place, act: Act) -> None:
        devices = load_map(site.map)
        self._device = device_of(devices, site.id, Io)
        self.memory, self.wire = placed(devices, self._device, self.scan, act)
        self._act = act
        self._parts = self._powered()

    async def beat(self) -> None:
        while True:
            self.scan()
            await asyncio.sleep(CYCLE_S)

    def scan(self) -> None:
        """Also after every write: no edge is too short to be seen."""
        now = monotonic()
        for part in self._parts.values():
            part.scan(now)

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "set", "tag": tag, "value": value} if tag in self.memory:
                self.memory.put(tag, value)
            case {"fact": "raise", "shake": name, "data": data}:
                part = self._parts.get(name)
                if isinstance(part, Telling):
                    part.waiting.append(data)
            case {"fact": "fault", "fault": "restart", "on": True}:
                self.memory.clear()
                self._parts = self._powered()
            case _ if not self.wire.fault(fact):
                log.debug("not for an io device: %s", fact)
            case _:
                return

    def _powered(self) -> dict[str, Part]:
        shakes = self._device.handshakes
        return {name: part_of(name, one, self.memory, self._act) for name, one in shakes.items()}


async def main(site: Place, control_port: int | None) -> None:
    assert site.world is not None
    world = BusClient(site.world, site.id)
    await play(site, world, Station(site, world.act), control_port)


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--control", type=int, help="port for facts and faults")
    given = arguments.parse_args()
    run(lambda: main(place(given), given.control))
