"""`wedge simulate DIR --only DEV` for inputs, outputs and doors on every wire: the real drivers
read and write them, lose them and find them again; writes are lost and late as on a real line."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.door.door import DoorDriver
from devices.drivers import driver
from devices.errors import DeviceError
from devices.io import IoDriver
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Door, Io
from devices.tags.methods import Methods
from devices.tags.port import Tags
from devices.tags.value import Plain
from simulators.launch import Launch
from simulators.process import LOOPBACK
from tests.devices.conveyor.site import Ears, RunningClock, posted, supervised
from wcs.commands import MoveDoor
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp, DoorChanged

WIRES = ("tcp", "rtu-tcp", "serial", "opcua")
LINES = {
    "tcp": "{type: modbus-tcp, host: 127.0.0.1, timeout: 500ms}",
    "rtu-tcp": "{type: modbus-rtu-tcp, host: 127.0.0.1, timeout: 500ms}",
    "serial": '{type: modbus-rtu, match: {usb: "0403:6001"}, timeout: 500ms}',
    "opcua": '{type: opcua, url: "opc.tcp://plc/x", publishing: 50ms, timeout: 500ms,'
    " namespaces: {q: 'urn:other', p: 'urn:plant'}, security: {policy: Basic256Sha256,"
    " mode: SignAndEncrypt}, user: wedge, password: {secret: PLC}}",
}
PLACES = {
    "temp": ("ir:0", "s=Oven.Temp"), "name": ("ir:1", "i=7"), "want": ("hr:0", "s=Want"),
    "have": ("ir:9", "s=Have"), "lamp": ("hr:1.3", "s=Lamp"),
    "up": ("di:0", "s=Up"), "down": ("di:1", "s=Down"),
    "edge": ("di:2", "s=Edge"), "wish": ("co:0", "s=Wish"),
}  # fmt: skip
IO = """\
  io_{wire}:
    kind: io
    connection: io_{wire}
    tags:
      temp: {{{temp}, type: int16, scale: 0.1}}
      name: {{{name}, type: string{length}}}
      want: {{{want}, type: uint16, access: rw}}
      have: {{{have}, type: uint16}}
      lamp: {{{lamp}, type: bool, access: rw}}
    handshakes: {{lift: {{style: target, target: want, actual: have, timeout: 9s}}}}
"""
METHOD = """\
    methods:
      reset: {object: "p;s=Oven", method: "p;s=Oven.Reset", in: {to: int16}, out: {was: bool}}
"""
DOOR = """\
  door_{wire}:
    kind: door
    connection: door_{wire}
    tags:
      up: {{{up}, type: bool}}
      down: {{{down}, type: bool}}
      edge: {{{edge}, type: bool}}
      wish: {{{wish}, type: bool, access: rw}}
    open: up
    closed: down
    blocked: edge
    handshakes: {{move: {{style: target, target: wish, actual: up, timeout: 30s}}}}
"""


def written_map() -> str:
    head = 'devicemap: 1\nsite: {code: T, gln: "9506000134352", timezone: UTC}\n'
    head += "defaults: {poll: {normal: 50ms}}\nconnections:\n"
    devices = ""
    for wire in WIRES:
        head += f"  io_{wire}: {LINES[wire]}\n  door_{wire}: {LINES[wire]}\n"
        by_node = wire == "opcua"
        at = {
            name: f'node: "p;{node}"' if by_node else f'at: "{place}"'
            for name, (place, node) in PLACES.items()
        }
        length = "" if by_node else ", length: 8"
        devices += IO.format(wire=wire, length=length, **at) + (METHOD if by_node else "")
        devices += DOOR.format(wire=wire, **at)
    return head + "devices:\n" + devices


@dataclass
class Site:
    folder: Path
    overlay: dict[str, Any]
    control: dict[str, int]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One start of the command for all of them."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "devices.yaml").write_text(written_map())
    only = [f"--only={kind}_{wire}" for wire in WIRES for kind in ("io", "door")]
    command = [sys.executable, "-m", "gateway", "simulate", str(folder)]
    command += [f"--run={folder / 'run'}", "--speed=20", *only]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Site(folder, *_told(process, folder))
        finally:
            os.kill(process.pid, signal.SIGTERM)


def _told(process: "subprocess.Popen[str]", folder: Path) -> tuple[dict[str, Any], dict[str, int]]:
    control = {}
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("overlay:"):
            break
        id, _, port = line.split()[0], *line.partition(f"control: {LOOPBACK}:")[1:]
        control[id] = int(port)
    overlay = json.loads((folder / "run" / "overlay.json").read_text())
    return overlay["connections"], control


@dataclass
class Played:
    """A simulated device and the gateway's side of it."""

    id: DeviceId
    port: int
    live: Live = field(default_factory=Live)
    ears: Ears = field(default_factory=Ears)
    clock: RunningClock = field(default_factory=RunningClock)

    @property
    def tags(self) -> Tags:
        found = self.live.tags(self.id)
        assert found is not None
        return found

    async def tell(self, **fact: Any) -> None:
        """By its control port."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        writer.write(json.dumps(fact).encode() + b"\n")
        async with asyncio.timeout(20):
            assert await reader.readline() == b'{"ok": true}\n'
        writer.close()

    async def fault(self, fault: str, on: bool = True) -> None:
        await self.tell(fact="fault", fault=fault, on=on)

    async def shows(self, tag: str, value: Plain) -> None:
        def so() -> bool:
            found = self.live.of(self.id).get(tag)
            return found is not None and (found.value, found.quality) == (value, "good")

        await until(so)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def driven(site: Site, id: str) -> AsyncIterator[tuple[Played, Any]]:
    """By the driver that the gateway makes, once it is up."""
    played = Played(DeviceId(id), site.control[id])
    found = load_map(site.folder, site.overlay)
    config, line = found.devices[id], found.connections[id]
    made = driver(
        played.id, config, line, clock=played.clock, beat=played.ears.beat, live=played.live
    )
    assert isinstance(made, IoDriver if isinstance(config, Io) else DoorDriver)
    assert isinstance(config, Io | Door)
    async with supervised(made, played.ears, played.clock) as links:
        await played.ears.hear(DeviceUp)
        yield played, links


@pytest.mark.parametrize("wire", WIRES)
async def test_its_tags_are_read_and_written_and_it_is_found_again(site: Site, wire: str) -> None:
    async with driven(site, f"io_{wire}") as (io, _):
        await io.tell(fact="set", tag="temp", value=21.5)
        await io.tell(fact="set", tag="name", value="oven 1")
        await io.shows("temp", 21.5)
        await io.shows("name", "oven 1")
        await io.tags.write({"want": 3, "lamp": True})
        await io.shows("have", 3)  # its program followed
        await io.shows("lamp", True)
        for many, fault in enumerate(("unplugged", "silent"), 1):
            await io.fault(fault)
            await io.ears.hear(DeviceDown, many)
            assert io.live.of(io.id)["temp"].quality == "bad"
            await io.fault(fault, on=False)
            await io.ears.hear(DeviceUp, many + 1)
            await io.shows("temp", 21.5)
        await io.fault("restart")
        await io.shows("temp", 0.0)
        await io.tags.write({"want": 0})
        await io.shows("have", 0)


async def test_a_method_of_the_map_can_be_called(site: Site) -> None:
    async with driven(site, "io_opcua") as (io, _):
        assert isinstance(io.tags, Methods)
        assert await io.tags.call("reset", {"to": 3}) == {"was": False}


@pytest.mark.parametrize("wire", WIRES)
async def test_a_write_that_is_lost_is_not_carried_out_and_a_lost_answer_is(
    site: Site, wire: str
) -> None:
    async with driven(site, f"io_{wire}") as (io, _):
        await io.tags.write({"want": 10})
        await io.shows("have", 10)
        for fault, wanted, comes in (("lost_request", 11, 10), ("lost_answer", 12, 12)):
            await io.fault(fault)
            with pytest.raises(DeviceError):
                await io.tags.write({"want": wanted})
            asked = io.clock.now() + timedelta(seconds=0.1)
            await until(lambda since=asked: io.live.of(io.id)["want"].at > since)  # type: ignore[misc]
            await io.shows("want", comes)
            await io.shows("have", comes)
        await io.fault("late_request")
        with suppress(DeviceError):  # nobody waits any more
            await io.tags.write({"want": 13})
        await io.shows("have", 13)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_door_is_moved_and_found_again(site: Site, wire: str) -> None:
    async with driven(site, f"door_{wire}") as (door, links):

        async def says(state: str) -> None:
            def said() -> bool:
                told = door.ears.of(DoorChanged)
                return bool(told) and told[-1].state == state

            await until(said)

        def to(end: Any) -> Any:
            before = door.clock.now() + timedelta(seconds=30)
            return posted(MoveDoor(device=door.id, to=end, before=before))

        links.post(to("open"))
        await says("open")
        await door.fault("blocked")
        await says("blocked")
        await door.fault("blocked", on=False)
        await door.fault("unplugged")
        await door.ears.hear(DeviceDown)
        await door.fault("unplugged", on=False)
        assert "door=open" in (await door.ears.hear(DeviceUp, 2))[-1].has
        links.post(to("closed"))
        await says("closed")


@pytest.fixture
async def launched(tmp_path: Path) -> AsyncIterator[Launch]:
    (tmp_path / "devices.yaml").write_text(written_map())
    async with Launch(tmp_path, tmp_path / "run", only=["io_serial", "io_opcua"]) as sims:
        yield sims


async def test_one_that_died_is_found_again_at_its_old_address(launched: Launch) -> None:
    overlay = json.loads(launched.overlay.read_text())["connections"]
    control = {id: child.control or 0 for id, child in launched.children.items()}
    site = Site(launched.run.map, overlay, control)
    async with driven(site, "io_serial") as (serial, _), driven(site, "io_opcua") as (opc, _):
        for one in (serial, opc):
            await launched.kill(one.id)
        for one in (serial, opc):
            await one.ears.hear(DeviceDown)
            assert await launched.start(one.id) == overlay[one.id]
        for one in (serial, opc):
            await one.ears.hear(DeviceUp, 2)
            await one.tell(fact="set", tag="temp", value=20.0)
            await one.shows("temp", 20.0)
