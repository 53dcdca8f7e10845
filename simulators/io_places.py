"""A device of the map that has tags: its memory, and the wire that the map puts it on."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Final, Protocol

from devices.map.schema import (
    DeviceMap,
    Modbus,
    ModbusRtu,
    ModbusRtuTcp,
    ModbusTcp,
    NodeTag,
    OpcUa,
    RegisterTag,
)
from simulators.bus import BusClient, Message
from simulators.child import Address
from simulators.io_memory import Memory
from simulators.io_nodes import Nodes
from simulators.io_registers import Registers
from simulators.io_rtu import RtuSerial, RtuTcp
from simulators.io_shakes import Act
from simulators.io_wire import Wire
from simulators.plc.bank import Tables
from simulators.plc.wire import Written
from simulators.process import Place, ready
from simulators.scanner_faults import control


class Plug(Protocol):
    """`at` opens a TCP port, or the serial port at a path, and yields what an overlay says of
    it."""

    def at(self, port: str) -> AbstractAsyncContextManager[Address]: ...
    def fault(self, fact: Message) -> bool:
        """Whether it was a fault of the wire."""


WIRES: Final[dict[type, Callable[[int, Tables, Written], Plug]]] = {
    ModbusTcp: Wire,
    ModbusRtuTcp: RtuTcp,
    ModbusRtu: RtuSerial,
}


def device_of(site: DeviceMap, id: str, kind: type) -> Any:
    """Raises LookupError where the map has no such one."""
    found = site.devices.get(id)
    if not isinstance(found, kind):
        raise LookupError(f"{id} is no {kind.__name__.lower()} of this map")
    return found


def placed(
    site: DeviceMap, device: Any, written: Callable[[], None], act: Act
) -> tuple[Memory, Plug]:
    """`written` is called after every write. Raises LookupError for a wire that nobody plays."""
    line = site.connections[device.connection]
    if isinstance(line, OpcUa):
        from simulators.io_opcua import OpcWire  # a second of imports for who needs it

        nodes = Nodes({name: tag for name, tag in device.tags.items() if isinstance(tag, NodeTag)})
        return nodes, OpcWire(line, nodes, device.methods, written, act)
    wire = WIRES.get(type(line))
    if wire is None or not isinstance(line, Modbus):
        raise LookupError(f"{device.connection}: {line.type} is not simulated for {device.kind}")
    registers = registers_of(device)
    unit = line.unit if device.unit is None else device.unit
    return registers, wire(unit, registers.tables, lambda *_: written())


def registers_of(device: Any) -> Registers:
    tags = device.tags.items()
    return Registers({name: tag for name, tag in tags if isinstance(tag, RegisterTag)})


class Player(Protocol):
    """One powered device; `beat` runs its program for ever."""

    @property
    def wire(self) -> Plug: ...
    def heard(self, fact: Message) -> None: ...
    async def beat(self) -> None: ...


async def play(site: Place, world: BusClient, player: Player, control_port: int | None) -> None:
    """On its wire, until cancelled."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        address = await stack.enter_async_context(player.wire.at(site.port))
        if control_port is not None:
            await stack.enter_async_context(await control(control_port, player.heard))
        tasks.create_task(world.run(player.heard))
        tasks.create_task(player.beat())
        ready(site.id, address)
