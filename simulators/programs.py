"""Which simulators play the devices and hosts of a site, and with which arguments."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devices.map.schema import (
    Connection,
    Device,
    DeviceMap,
    Door,
    Fleet,
    Hid,
    Io,
    LightZone,
    Merge,
    Modbus,
    ModbusRtu,
    Mqtt,
    OpcUa,
    Printer,
    Scale,
    Scanner,
    Serial,
    Sorter,
    TcpServer,
)
from simulators.child import Program
from simulators.free_port import free_port
from simulators.process import HostPort

WORLD, BROKER, PEOPLE = "world", "broker", "people"
HOSTS = ("shop", "erp", "carrier")
TAGS = ("modbus-tcp", "modbus-rtu-tcp", "modbus-rtu", "opcua")
PICK_IQ = "pick-to-light-zone with pick_iq"
WIRES = {
    "scanner": ("tcp-client", "tcp-server", "serial", "hid"),
    "scale": ("tcp-client",),
    "zpl-printer": ("tcp-client",),
    "divert-sorter": ("modbus-tcp",),
    "merge-lift": ("opcua",),
    "pick-to-light-zone": ("mqtt",),
    PICK_IQ: ("modbus-rtu-tcp", "modbus-rtu"),
    "vda5050-fleet": ("mqtt",),
    "door": TAGS,
    "io": TAGS,
}
"""What each kind is simulated on."""
SHARED = (Modbus, OpcUa)
"""Lines that several devices may be on."""

Secrets = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a simulated site. `gateway` is the URL that shop and people use."""

    map: Path
    folder: Path
    seed: int
    speed: float
    orders: int
    gateway: str
    pace: float = 1.0
    """How many times further apart than in the story orders arrive."""

    @property
    def stock(self) -> Path:
        """What the stock file of this run claims."""
        return self.folder / "stock.csv"

    def common(self) -> tuple[str, ...]:
        return ("--map", str(self.map), "--seed", str(self.seed), "--speed", str(self.speed))

    def state(self) -> tuple[str, ...]:
        return (*self.common(), "--state", str(self.folder / "state"))


def first_programs(
    run: Run, secrets: Secrets, world_at: HostPort, broker_at: HostPort
) -> Iterator[Program]:
    """World, broker, shop, ERP, carrier."""
    orders, gateway = ("--orders", str(run.orders)), ("--gateway", run.gateway)
    world = (*run.common(), *orders, "--stock", str(run.stock))
    yield Program(WORLD, "simulators.world", world, port=str(world_at.port))
    yield Program(BROKER, "simulators.broker", run.state(), port=str(broker_at.port))
    shop = (*run.state(), *orders, *gateway, "--pace", str(run.pace))
    yield Program("shop", "simulators.shop", shop, _some(secrets, "SHOP_SECRET", "CONTROL_TOKEN"))
    erp = _some(secrets, "ERP_TOKEN", "CONTROL_TOKEN")
    yield Program("erp", "simulators.erp", run.state(), erp)
    carrier = _some(secrets, "CARRIER_TOKEN", "CONTROL_TOKEN")
    yield Program("carrier", "simulators.carrier", run.state(), carrier)


def unplayed(devices: DeviceMap, only: Collection[str] | None = None) -> dict[str, str]:
    """Devices that have no simulator in such a launch, and why."""
    taken: dict[str, str] = {}
    found: dict[str, str] = {}
    for id, device in devices.devices.items():
        if only is not None and id not in only:
            continue
        line = devices.connections[device.connection]
        by_iq = isinstance(device, LightZone) and device.pick_iq is not None
        kind = PICK_IQ if by_iq else device.kind
        if line.type not in WIRES[kind]:
            known = ", ".join(WIRES[kind])
            found[id] = f"{id}: {kind} is simulated on {known}, not on {line.type}"
        elif isinstance(line, SHARED) and taken.setdefault(device.connection, id) != id:
            other = f"{taken[device.connection]} is simulated on its line {device.connection}"
            found[id] = f"{id}: {other}; start it alone"
    return found


def device_programs(
    run: Run,
    devices: DeviceMap,
    world: HostPort,
    broker: HostPort,
    only: Collection[str] | None = None,
) -> Iterator[Program]:
    """Of the devices that can be played."""
    without = unplayed(devices, only)
    to_world = (*run.common(), "--world", f"{world.host}:{world.port}")
    to_broker = (*to_world, "--broker", f"{broker.host}:{broker.port}")
    for id, device in devices.devices.items():
        if id in without:
            continue
        line = devices.connections[device.connection]
        arguments = to_broker if isinstance(line, Mqtt) else to_world
        if isinstance(device, Fleet):
            arguments += ("--state", str(run.folder / "state"))
        module = module_of(device, line)
        port = str(run.folder / id) if isinstance(line, Serial | ModbusRtu | Hid) else "0"
        control = free_port() if isinstance(device, Io | Door) else None
        if control is not None:
            arguments += ("--control", str(control))
        yield Program(id, module, arguments, port=port, control=control)


def people_program(run: Run, world: HostPort, token: str) -> Program:
    """The staff: pickers, packers, counters; they use the gateway as people do."""
    arguments = (
        *run.common(),
        *("--world", f"{world.host}:{world.port}"),
        *("--gateway", run.gateway),
    )
    return Program(PEOPLE, "simulators.people", arguments, {"DEVICE_TOKEN": token})


def module_of(device: Device, line: Connection) -> str:
    match device:
        case Scanner() if isinstance(line, Serial):
            return "simulators.hand_scanner"
        case Scanner() if isinstance(line, TcpServer):
            return "simulators.scanner_dial"
        case Scanner() if isinstance(line, Hid):
            return "simulators.scanner_hid"
        case Scanner():
            return "simulators.scanner"
        case Scale():
            return "simulators.scale"
        case Printer():
            return "simulators.printer"
        case Sorter():
            return "simulators.modbus_plc"
        case Merge():
            return "simulators.opcua_merge"
        case LightZone(pick_iq=None):
            return "simulators.lights"
        case LightZone():
            return "simulators.pick_iq"
        case Fleet():
            return "simulators.amr"
        case Door():
            return "simulators.doors"
        case Io():
            return "simulators.io"


def _some(secrets: Secrets, *names: str) -> Secrets:
    return {name: secrets[name] for name in names}
