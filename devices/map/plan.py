"""What a map asks of its lines: blocks, requests a second, and how much of a line's time they take.
Estimates for a person; the real ones are measured while it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from devices.lights.pick_iq import PickIqCodec
from devices.map.rules.shared import Tagged, registers_of, tagged, unit_of
from devices.map.schema import (
    DeviceMap,
    LightZone,
    Modbus,
    ModbusRtu,
    ModbusRtuTcp,
    NodeTag,
    OpcUa,
)
from devices.tags.plan import Block, Limits, plan

TURN_S: Final = 0.005
"""Until a quick PLC has answered, its bytes not counted."""
USUAL_BAUD: Final = 19200
"""Of the serial line behind a TCP port, which the map does not know."""
BITS_PER_BYTE, SILENCE_BYTES = 11, 3.5
"""A byte with start, parity and stop; the gap around each frame (MODBUS over Serial Line 1.02,
2.5.1)."""
ASKED_BYTES, ANSWER_BYTES = 8, 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One read that comes again and again."""

    device: str
    unit: int
    block: Block
    takes_s: float

    @property
    def requests_s(self) -> float:
        return 1 / self.block.every_s if self.block.every_s else 0.0


@dataclass(frozen=True, slots=True)
class LinePlan:
    name: str
    type: str
    devices: tuple[str, ...]
    tags: int
    reads: tuple[Asked, ...] = ()
    """Of Modbus alone: OPC UA asks for all nodes at once."""
    interval_s: float | None = None
    """Of OPC UA."""

    @property
    def requests_s(self) -> float:
        if self.interval_s:
            return len(self.devices) / self.interval_s
        return sum(read.requests_s for read in self.reads)

    @property
    def registers(self) -> int:
        return sum(read.block.count for read in self.reads)

    @property
    def load(self) -> float:
        """The part of its time that a line spends on polls; 1 is all of it."""
        return sum(read.requests_s * read.takes_s for read in self.reads)

    @property
    def exchange_s(self) -> float:
        """Of a request and its answer, on average."""
        return self.load / self.requests_s if self.requests_s else 0.0

    @property
    def longest_s(self) -> float:
        """How long the slowest request is under way."""
        return max((read.takes_s for read in self.reads), default=0.0)

    @property
    def round_s(self) -> float:
        """All blocks once, one after another: what a changed value may wait for at worst."""
        return sum(read.takes_s for read in self.reads)


def lines_of(map: DeviceMap) -> Iterator[LinePlan]:
    """Those that carry tags, in the order of the map."""
    by_line: dict[str, list[tuple[str, Tagged]]] = {}
    zones: dict[str, list[tuple[str, LightZone]]] = {}
    for name, device in tagged(map):
        by_line.setdefault(device.connection, []).append((name, device))
    for name, zone in map.devices.items():
        if isinstance(zone, LightZone) and zone.pick_iq is not None:
            by_line.setdefault(zone.connection, [])
            zones.setdefault(zone.connection, []).append((name, zone))
    for line, devices in by_line.items():
        connection = map.connections[line]
        if isinstance(connection, Modbus):
            yield _modbus(map, line, connection, devices, zones.get(line, []))
        elif isinstance(connection, OpcUa):
            nodes = sum(isinstance(t, NodeTag) for _, d in devices for t in d.tags.values())
            named = tuple(name for name, _ in devices)
            every_s = connection.publishing_s
            yield LinePlan(line, connection.type, named, nodes, interval_s=every_s)


def _modbus(
    map: DeviceMap,
    line: str,
    connection: Modbus,
    devices: list[tuple[str, Tagged]],
    zones: list[tuple[str, LightZone]],
) -> LinePlan:
    lamps = [asked for name, zone in zones for asked in _lamps(connection, name, zone)]
    reads = tuple(
        Asked(name, unit_of(map, device), block, takes_s(connection, block))
        for name, device in devices
        for block in plan(registers_of(device), limits(connection, device))
    )
    tags = sum(len(registers_of(device)) for _, device in devices)
    kind: str = getattr(connection, "type", "")
    names = (*(name for name, _ in devices), *(name for name, _ in zones))
    return LinePlan(line, kind, names, tags, (*reads, *lamps))


def _lamps(connection: Modbus, name: str, zone: LightZone) -> Iterator[Asked]:
    """Each module of a zone is asked in turn whether it is touched."""
    assert zone.pick_iq is not None
    for light, one in zone.lights.items():
        for read in PickIqCodec(zone.pick_iq).status:
            block = Block(read.table, read.first, read.count, zone.pick_iq.poll_s, (light,))
            yield Asked(name, one.unit or connection.unit, block, takes_s(connection, block))


def limits(connection: Modbus, device: Tagged) -> Limits:
    forbidden = (*connection.forbidden, *device.forbidden)
    return Limits(connection.max_gap, connection.max_registers, forbidden=forbidden)


def takes_s(connection: Modbus, block: Block) -> float:
    """A request and its answer, a few milliseconds on a network, their bytes on a serial line."""
    baud = _baud(connection)
    if baud is None:
        return TURN_S
    data = 2 * block.count if block.table in ("ir", "hr") else (block.count + 7) // 8
    on_wire = ASKED_BYTES + ANSWER_BYTES + data + 2 * SILENCE_BYTES
    return TURN_S + on_wire * BITS_PER_BYTE / baud


def _baud(connection: Modbus) -> int | None:
    if isinstance(connection, ModbusRtu):
        return connection.baud
    return USUAL_BAUD if isinstance(connection, ModbusRtuTcp) else None
