"""Doors of a test at a simulated door's own port, moved in each of the three ways."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from devices.door.door import DoorDriver
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Door, ModbusTcp
from devices.mode import Mode
from simulators.doors import Doorway
from simulators.process import Place
from tests.devices.conveyor.site import Ears, RunningClock
from tests.simulators.equipment.bench import working
from wcs.commands import MoveDoor
from wcs.names import DeviceId, DoorEnd

DOOR = DeviceId("fire1")
MAP = """\
devicemap: 1
site: {{code: T, gln: "9506000134352", timezone: UTC}}
defaults: {{poll: {{fast: 20ms}}}}
connections:
  plc: {{type: modbus-tcp, host: 127.0.0.1, port: 502, timeout: 600ms, retries: 3}}
devices:
  fire1:
    kind: door
    connection: plc
    unit: 3
    tags:
      up: {{at: "di:0", type: bool, poll: fast}}
      down: {{at: "di:1", type: bool, poll: fast}}
      edge: {{at: "di:2", type: bool, poll: fast}}
      eye: {{at: "di:3", type: bool, poll: fast}}
      going: {{at: "di:4", type: bool, poll: fast}}
      beat: {{at: "ir:0", type: uint16, poll: fast}}
      gw_beat: {{at: "hr:0", type: uint16, access: w}}
      place: {{at: "hr:9", type: enum, poll: fast, access: rw, enum: {enum}}}
      wish: {{at: "co:0", type: bool, poll: fast, access: rw}}
      go_up: {{at: "co:1", type: bool, poll: fast, access: rw}}
      go_down: {{at: "co:2", type: bool, poll: fast, access: rw}}
      step: {{at: "co:3", type: bool, poll: fast, access: rw}}
      stepped: {{at: "di:5", type: bool, poll: fast}}
    open: up
    closed: down
    blocked: edge
    occupied: eye
    travel: {travel}
{shakes}
"""
ENUM = "{0: none, 1: open, 2: closed}"
MOVE = "    handshakes: {{move: {{{}}}}}"
BEAT = "heartbeat: {watch: beat, drive: gw_beat, every: 200ms, lost_after: 5s}"
TARGET = "style: target, target: place, actual: up, busy: going, timeout: 20s"
WAYS = {
    "target": MOVE.format(TARGET),
    "beating": MOVE.format(TARGET + "}, " + BEAT[:-1]),
    "bit": MOVE.format("style: target, target: wish, actual: up, timeout: 20s"),
    "pulses": "    handshakes: {open: {style: pulse, signal: go_up, width: 100ms},"
    " close: {style: pulse, signal: go_down, width: 100ms}}",
    "toggle": MOVE.format("style: toggle, signal: step, echo: stepped, timeout: 2s"),
    "hand": "",
}
SPEED = 20.0
"""The leaf takes a tenth of a second."""


def map_of(folder: Path, way: str, travel: str = "20s") -> Path:
    (folder / "devices.yaml").write_text(MAP.format(shakes=WAYS[way], travel=travel, enum=ENUM))
    return folder


@dataclass
class World:
    """A simulated door, and the gateway's side of it."""

    doorway: Doorway
    map: Path
    port: int
    acts: list[dict[str, Any]]
    ears: Ears = field(default_factory=Ears)
    clock: RunningClock = field(default_factory=RunningClock)
    live: Live = field(default_factory=Live)

    def driver(self, mode: Mode = "automatic", port: int | None = None) -> DoorDriver:
        found = load_map(self.map, {"plc": {"port": port or self.port}})
        config, connection = found.devices[DOOR], found.connections["plc"]
        assert isinstance(config, Door)
        assert isinstance(connection, ModbusTcp)
        return DoorDriver(
            DOOR, config, connection, clock=self.clock, live=self.live, beat=self.ears.beat,
            mode=mode,
        )  # fmt: skip

    def to(self, end: DoorEnd, within_s: float = 10.0) -> MoveDoor:
        return MoveDoor(device=DOOR, to=end, before=self.clock.now() + timedelta(seconds=within_s))

    def fault(self, fault: str, on: bool = True) -> None:
        self.doorway.heard({"fact": "fault", "fault": fault, "on": on})


@asynccontextmanager
async def a_door(folder: Path, way: str, travel: str = "20s") -> AsyncIterator[World]:
    acts: list[dict[str, Any]] = []
    place = Place(DOOR, map_of(folder, way, travel), "0", None, seed=7, speed=SPEED)
    doorway = Doorway(place, lambda name, **what: acts.append({"act": name, **what}))
    async with doorway.wire.at("0") as at, working(doorway.beat()):
        yield World(doorway, folder, at["port"], acts)
