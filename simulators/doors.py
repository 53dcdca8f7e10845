"""A door made from the map: a leaf that takes its time between two switches, moved as the map says,
on the wire that the map says: Modbus TCP, RTU behind TCP or on a serial port, OPC UA.

Facts come from the world, or as lines of JSON to the port given by `--control`: the faults
`blocked`, `occupied`, `slow` (it does not move any more), `restart` (everything zero, the leaf
where it is) and those of `simulators.io_faults`.
"""

import asyncio
import logging
from time import monotonic
from typing import Any, Final

from devices.map.load import load_map
from devices.map.schema import Door, Heartbeat, PulseShake, TargetShake, ToggleShake
from simulators.bus import BusClient, Message
from simulators.io_memory import Memory
from simulators.io_places import device_of, placed, play
from simulators.io_shakes import Act, Beating
from simulators.process import Place, parser, place, run

CYCLE_S: Final = 0.02
TRAVEL_S: Final = 2.0
"""From end to end, divided by the speed of the run."""

log = logging.getLogger("door")


class Leaf:
    """0.0 closed to 1.0 open."""

    def __init__(self, travel_s: float) -> None:
        self._travel_s = travel_s
        self.at, self.goal = 0.0, 0.0
        self.stands = False
        self._moved_at = 0.0

    def move(self, now: float) -> bool:
        """Whether it is moving."""
        step = (now - self._moved_at) / self._travel_s if self._moved_at else 0.0
        self._moved_at = now
        if self.stands or self.at == self.goal:
            return False
        way = self.goal - self.at
        self.at = self.goal if abs(way) <= step else self.at + (step if way > 0 else -step)
        return self.at != self.goal


class Motor:
    """Reads what the gateway wrote, as the map says that this door is moved."""

    def __init__(self, door: Door, memory: Memory, leaf: Leaf, act: Act) -> None:
        self._door, self._memory, self._leaf, self._act = door, memory, leaf, act
        self._was: dict[str, Any] = {}

    def scan(self) -> None:
        for name, shake in self._door.handshakes.items():
            match shake:
                case TargetShake():
                    self._follow(self._memory.get(shake.target))
                case PulseShake() if self._rose(shake.signal):
                    self._go(1.0 if name == "open" else 0.0)
                case ToggleShake():
                    self._step(shake)
                case _:
                    continue

    def _follow(self, target: Any) -> None:
        """A number that names no end is no order."""
        goal = {True: 1.0, "open": 1.0, False: 0.0, "closed": 0.0}.get(target)
        if goal is not None:
            self._go(goal)

    def _rose(self, signal: str) -> bool:
        on = self._memory.get(signal)
        before, self._was[signal] = self._was.get(signal, False), on
        return on and not before

    def _step(self, shake: ToggleShake) -> None:
        on = self._memory.get(shake.signal)
        if on != self._was.get(shake.signal, False):
            self._go(0.0 if self._leaf.goal == 1.0 else 1.0, again=True)
        self._was[shake.signal] = on
        self._memory.put(shake.echo, on)

    def _go(self, goal: float, *, again: bool = False) -> None:
        if again or goal != self._leaf.goal:
            self._leaf.goal = goal
            self._act("door", to="open" if goal else "closed")


class Doorway:
    """One powered door. `wire.at` opens its port; `beat` runs its program for ever."""

    def __init__(self, site: Place, act: Act) -> None:
        devices = load_map(site.map)
        self._door = device_of(devices, site.id, Door)
        self.memory, self.wire = placed(devices, self._door, lambda: self._motor.scan(), act)
        self._act = act
        self.leaf = Leaf(TRAVEL_S / site.speed)
        self._on: set[str] = set()
        self._power()
        self._show(False)

    async def beat(self) -> None:
        while True:
            self.scan(monotonic())
            await asyncio.sleep(CYCLE_S)

    def scan(self, now: float) -> None:
        for beating in self._beats:
            beating.scan(now)
        self._motor.scan()
        self.leaf.stands = bool(self._on & {"blocked", "slow"})
        self._show(self.leaf.move(now))

    def heard(self, fact: Message) -> None:
        match fact:
            case {"fact": "fault", "fault": "blocked" | "occupied" | "slow" as fault, "on": on}:
                self._on = self._on | {fault} if on else self._on - {fault}
            case {"fact": "fault", "fault": "restart", "on": True}:
                self.memory.clear()
                self._power()
            case _ if not self.wire.fault(fact):
                log.debug("not for a door: %s", fact)
            case _:
                return

    def _power(self) -> None:
        self._motor = Motor(self._door, self.memory, self.leaf, self._act)
        shakes = self._door.handshakes.values()
        self._beats = [Beating(one, self.memory) for one in shakes if isinstance(one, Heartbeat)]

    def _show(self, moving: bool) -> None:
        self._put(self._door.open, self.leaf.at == 1.0)
        self._put(self._door.closed, self.leaf.at == 0.0)
        self._put(self._door.blocked, "blocked" in self._on)
        self._put(self._door.occupied, "occupied" in self._on)
        for shake in self._door.handshakes.values():
            if isinstance(shake, TargetShake):
                self._put(shake.busy, moving)

    def _put(self, tag: str | None, on: bool) -> None:
        if tag is not None:
            self.memory.put(tag, on)


async def main(site: Place, control_port: int | None) -> None:
    assert site.world is not None
    world = BusClient(site.world, site.id)
    await play(site, world, Doorway(site, world.act), control_port)


if __name__ == "__main__":
    arguments = parser(__doc__)
    arguments.add_argument("--control", type=int, help="port for facts and faults")
    given = arguments.parse_args()
    run(lambda: main(place(given), given.control))
