"""Simulators of inputs, outputs and doors: memory in the map's words with golden words, handshakes
in hand-written bytes, faults of the wire, and a start from the command line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.map.load import load_map
from devices.map.schema import Io
from gateway.simulating import Simulators
from simulators.bus import Message
from simulators.child import NotReady
from simulators.director.parts import things
from simulators.doors import Doorway, Leaf
from simulators.io import Station
from simulators.io_places import device_of, registers_of
from simulators.launch import Launch
from simulators.process import LOOPBACK, Place
from simulators.programs import unplayed
from tests.simulators.equipment.bench import DEMO, SOON_S, bench, device, working
from tests.simulators.equipment.test_plc import Host

MAP = """\
devicemap: 1
site: {code: T, gln: "9506000134352", timezone: UTC}
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1}
devices:
  far: {kind: merge-lift, connection: plc, tags: {}, lanes: {}}
  io1:
    kind: io
    connection: plc
    tags:
      temp: {at: "ir:0", type: int16, scale: 0.1}
      count: {at: "ir:1", type: uint32, word_order: little}
      flow: {at: "ir:3", type: float32, byte_order: little}
      name: {at: "ir:5", type: string, length: 4}
      state: {at: "ir:7", type: enum, enum: {1: idle, 2: "on"}}
      flags: {at: "ir:8", type: bits, enum: {0: a, 3: d}}
      total: {at: "ir:9", type: bcd16}
      pair: {at: "ir:10", type: uint16, count: 2}
      ready: {at: "ir:12.3", type: bool}
      eye: {at: "di:0", type: bool}
      beat: {at: "ir:13", type: uint16, poll: fast}
      gw: {at: "hr:0", type: uint16, access: w}
      seq: {at: "hr:1", type: uint16, access: rw}
      data: {at: "hr:2", type: uint16, access: rw}
      ack: {at: "ir:14", type: uint16, poll: fast}
      code: {at: "ir:15", type: enum, poll: fast, enum: {1: done}}
      e_seq: {at: "ir:16", type: uint16, poll: fast}
      e_data: {at: "ir:17", type: uint16, poll: fast}
      e_ack: {at: "hr:3", type: uint16, access: rw}
      want: {at: "hr:4", type: uint16, access: rw}
      have: {at: "ir:18", type: uint16, poll: fast}
      busy: {at: "di:1", type: bool, poll: fast}
      press: {at: "co:0", type: bool, access: rw}
      flip: {at: "co:1", type: bool, access: rw}
      echo: {at: "di:2", type: bool, poll: fast}
    handshakes:
      heartbeat: {watch: beat, drive: gw, every: 500ms, lost_after: 2s}
      order: {style: command, data: [data], seq: seq, ack: ack, result: code, ok: [done], timeout: 1s}
      event: {style: event, seq: e_seq, data: [e_data], ack: e_ack}
      lift: {style: target, target: want, actual: have, busy: busy, timeout: 5s}
      horn: {style: pulse, signal: press}
      step: {style: toggle, signal: flip, echo: echo}
  gate1:
    kind: door
    connection: plc
    unit: 5
    tags:
      up: {at: "di:0", type: bool, poll: fast}
      down: {at: "di:1", type: bool, poll: fast}
      wish: {at: "co:0", type: bool, access: rw}
    open: up
    closed: down
    handshakes: {move: {style: target, target: wish, actual: up, timeout: 9s}}
"""  # noqa: E501


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "devices.yaml").write_text(MAP)
    return tmp_path


def place(site: Path, id: str, speed: float = 20.0) -> Place:
    return Place(id, site, "0", None, seed=7, speed=speed)


@pytest.mark.parametrize(
    ("tag", "value", "words"),
    [
        ("temp", -12.3, "FF85"),
        ("count", 0x01020304, "0304 0102"),
        ("flow", 1.5, "C03F 0000"),
        ("name", "ab", "6162 0000"),
        ("state", "on", "0002"),
        ("flags", ["a", "d"], "0009"),
        ("total", 1234, "1234"),
        ("pair", [1, 2], "0001 0002"),
        ("ready", True, "0008"),
    ],
)
def test_values_lie_as_the_map_says(site: Path, tag: str, value: Any, words: str) -> None:
    io = device_of(load_map(site), "io1", Io)
    memory = registers_of(io)
    memory.put(tag, value)
    at = io.tags[tag].at.address
    found = memory.tables.ir[at : at + len(words.split())]
    assert " ".join(f"{word:04X}" for word in found) == words
    assert memory.get(tag) == (pytest.approx(value) if isinstance(value, float) else value)


def test_what_cannot_be_played_is_said(site: Path) -> None:
    with pytest.raises(LookupError, match="gate1 is no io of this map"):
        device_of(load_map(site), "gate1", Io)


@asynccontextmanager
async def io1(site: Path) -> AsyncIterator[tuple[Station, Host, list[Message]]]:
    acts: list[Message] = []
    station = Station(place(site, "io1"), lambda name, **what: acts.append({"act": name, **what}))
    async with station.wire.at("0") as at, working(station.beat()):
        reader, writer = await asyncio.open_connection(at["host"], at["port"])
        yield station, Host(reader, writer), acts
        writer.close()


async def test_it_answers_every_style_of_handshake(site: Path) -> None:
    async with io1(site) as (station, host, acts):
        await host.until("04 000D 0001", "04 02 0002")  # its beat counts
        await host.send("06 0002 002A")
        await host.send("06 0001 0007")  # data first, number last
        await host.until("04 000E 0002", "04 04 0007 0001")
        await host.send("06 0001 0007")  # the same number is not a new command
        station.heard({"fact": "raise", "shake": "event", "data": [17]})
        station.heard({"fact": "raise", "shake": "event", "data": [18]})
        await host.until("04 0010 0002", "04 04 0001 0011")
        await host.send("06 0003 0001")
        await host.until("04 0010 0002", "04 04 0002 0012")
        await host.send("06 0004 0003")
        await host.until("02 0001 0001", "02 01 01")  # busy
        await host.until("04 0012 0001", "04 02 0003")
        await host.until("02 0001 0001", "02 01 00")
        for level in ("FF00", "0000", "FF00"):
            await host.send(f"05 0000 {level}")
        await host.send("05 0001 FF00")
        await host.until("02 0002 0001", "02 01 01")
        await host.send("05 0001 0000")
        await host.until("02 0002 0001", "02 01 00")
        counts = {name: [a["shake"] for a in acts].count(name) for name in ("horn", "step")}
        assert counts == {"horn": 2, "step": 2}
        assert [act for act in acts if act["shake"] == "order"] == [
            {"act": "acted", "shake": "order", "data": [42], "seq": 7}
        ]


async def test_the_world_sets_its_values_and_breaks_it(site: Path) -> None:
    async with bench() as world:
        stations: list[Station] = []

        def heard_by(client: Any) -> Any:
            stations.append(Station(place(site, "io1"), client.act))
            return stations[0].heard

        async with (
            device(world, "io1", heard_by),
            stations[0].wire.at("0") as at,
            working(stations[0].beat()),
        ):
            reader, writer = await asyncio.open_connection(at["host"], at["port"])
            host = Host(reader, writer)
            world.tell("io1", "set", tag="temp", value=21.5)
            await host.until("04 0000 0001", "04 02 00D7")
            world.tell("io1", "fault", fault="restart", on=True)
            await host.until("04 0000 0001", "04 02 0000")
            world.tell("io1", "fault", fault="unplugged", on=True)
            async with asyncio.timeout(SOON_S):
                assert await reader.read() == b""
            writer.close()


async def test_a_door_takes_its_time_and_can_be_blocked(site: Path) -> None:
    acts: list[Message] = []
    doorway = Doorway(
        place(site, "gate1", 4.0), lambda name, **what: acts.append({"act": name, **what})
    )
    async with doorway.wire.at("0") as at, working(doorway.beat()):
        reader, writer = await asyncio.open_connection(at["host"], at["port"])
        host = Host(reader, writer, unit=5)
        await host.until("02 0000 0002", "02 01 02")  # closed
        await host.send("05 0000 FF00")
        await host.until("02 0000 0002", "02 01 00")  # on its way
        doorway.heard({"fact": "fault", "fault": "blocked", "on": True})
        doorway.heard({"fact": "fault", "fault": "blocked", "on": False})
        await host.until("02 0000 0002", "02 01 01")  # open
        writer.close()
    assert acts == [{"act": "door", "to": "open"}]


def test_a_leaf_that_is_stopped_goes_on_from_where_it_stood() -> None:
    leaf = Leaf(10.0)
    leaf.goal = 1.0
    leaf.move(100.0)
    assert leaf.move(104.0)
    leaf.stands = True
    assert not leaf.move(109.0)
    leaf.stands = False
    assert leaf.move(110.0)
    assert leaf.at == pytest.approx(0.5)
    assert not leaf.move(120.0)
    assert leaf.at == 1.0


@pytest.mark.parametrize("id", ["io1", "gate1"])
async def test_one_alone_is_started_from_the_map(site: Path, id: str) -> None:
    """As `wedge device simulate` does; and `wedge simulate DIR --only DEV` by the same program."""
    (site / "stock.csv").write_bytes((DEMO / "stock.csv").read_bytes())
    made = Simulators(site, site / "run")
    at = await made.start(id, "plc", broker=False)
    reader, writer = await asyncio.open_connection(at["host"], at["port"])
    host = Host(reader, writer, unit=5 if id == "gate1" else 1)
    assert (await host.send("02 0000 0001"))[0] == 2
    writer.close()
    await made.close()


async def test_one_alone_is_broken_by_its_control_port(site: Path) -> None:
    (site / "stock.csv").write_bytes((DEMO / "stock.csv").read_bytes())
    async with Launch(site, site / "run", only=["io1"]) as sims:
        at, child = sims.address("io1"), sims.children["io1"]
        reader, writer = await asyncio.open_connection(at["host"], at["port"])
        told, control = await asyncio.open_connection(LOOPBACK, child.control)
        host = Host(reader, writer)
        control.write(b'{"fact": "set", "tag": "temp", "value": 21.5}\n')
        await host.until("04 0000 0001", "04 02 00D7")
        control.write(b'{"fact": "fault", "fault": "unplugged", "on": true}\n')
        async with asyncio.timeout(SOON_S):
            assert await told.readline() == await told.readline() == b'{"ok": true}\n'
            assert await reader.read() == b""
        writer.close()
        control.close()


@pytest.mark.parametrize(
    ("kind", "line", "told"),
    [
        (
            "divert-sorter, lanes: {}",
            "opcua, url: 'opc.tcp://h', insecure: true, namespaces: {}",
            "one: divert-sorter is simulated on modbus-tcp, not on opcua",
        ),
        (
            "merge-lift",
            "modbus-rtu, port: /dev/x",
            "one: merge-lift is simulated on opcua, not on modbus-rtu",
        ),
        (
            "io",
            "mqtt, host: h, client_id: c",
            "one: io is simulated on modbus-tcp, modbus-rtu-tcp, modbus-rtu, opcua, not on mqtt",
        ),
    ],
)
def test_the_reason_names_device_wire_and_what_there_is(
    tmp_path: Path, kind: str, line: str, told: str
) -> None:
    head = MAP.partition("connections:")[0]
    device = f"{{connection: l, tags: {{}}, kind: {kind}}}"
    written = f"{head}connections: {{l: {{type: {line}}}}}\ndevices: {{one: {device}}}\n"
    (tmp_path / "devices.yaml").write_text(written)
    assert unplayed(load_map(tmp_path)) == {"one": told}


async def test_what_has_no_simulator_is_said_before_anything_starts(site: Path) -> None:
    devices = load_map(site)
    assert unplayed(devices) == {
        "far": "far: merge-lift is simulated on opcua, not on modbus-tcp",
        "gate1": "gate1: io1 is simulated on its line plc; start it alone",
    }
    assert unplayed(devices, ["gate1"]) == {}
    assert set(things(devices)) >= {"io1"}
    assert not {"far", "gate1"} & set(things(devices))
    (site / "stock.csv").write_bytes((DEMO / "stock.csv").read_bytes())
    with pytest.raises(NotReady, match="far: merge-lift is simulated on opcua, not on modbus-tcp"):
        async with Launch(site, site / "run", only=["far"]):
            pass
    with pytest.raises(NotReady, match="i01: not in the map, which has far, io1, gate1, world"):
        async with Launch(site, site / "run", only=["i01"]):
            pass
