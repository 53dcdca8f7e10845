"""What can be broken, how, and what that means, in the words of the break-it panel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from devices.map.schema import (
    Device,
    DeviceMap,
    Door,
    Fleet,
    Io,
    LightZone,
    Merge,
    Printer,
    Scale,
    Scanner,
    Serial,
    Sorter,
)
from simulators.programs import BROKER, HOSTS, unplayed

Part = Literal[
    "hand scanner",
    "scanner",
    "scale",
    "printer",
    "sorter",
    "merge",
    "lights",
    "vehicle",
    "door",
    "io",
    "broker",
    "shop",
    "erp",
    "carrier",
    "gateway",
    "lane",
    "everything",
]
EVERYTHING: Final = "everything"
"""All devices, the broker, the gateway. Not the hosts: they stand elsewhere."""
GATEWAY: Final = "gateway"
LANE: Final = "lane"
PROCESS: Final = ("unplug", "restart", "kill")
FAILING: Final = ("500", "429", "silent", "lost_answer", "down")
MODES: Final[Mapping[Part, tuple[str, ...]]] = {
    "hand scanner": PROCESS,
    "scanner": PROCESS,
    "scale": PROCESS,
    "printer": (*PROCESS, "paper_out"),
    "sorter": (*PROCESS, "reset", "stopped"),
    "merge": PROCESS,
    "lights": PROCESS,
    "vehicle": PROCESS,
    "door": (*PROCESS, "reset", "blocked", "slow"),
    "io": (*PROCESS, "reset"),
    "broker": PROCESS,
    "shop": (*FAILING, "restart", "kill"),
    "erp": (*FAILING, "restart", "kill"),
    "carrier": (*FAILING, "restart", "kill"),
    "gateway": PROCESS,
    "lane": ("jam", "full"),
    "everything": ("kill",),
}
DONE_TO: Final = {
    "unplug": "the plug of {what} was pulled",
    "restart": "{what} was restarted",
    "kill": "the power of {what} was cut",
    "reset": "every connection to {what} was reset",
    "stopped": "the emergency stop of {what} was pressed",
    "paper_out": "{what} ran out of labels",
    "blocked": "something stands in the way of {what}",
    "slow": "{what} does not move any more",
    "jam": "{what} jammed",
    "full": "something stands in front of the full eye of {what}",
    "500": "{what} answers every request with an error",
    "429": "{what} asks for patience",
    "silent": "{what} takes requests and says nothing",
    "lost_answer": "{what} acts and its answer is lost",
    "down": "{what} is down",
}
MEANWHILE: Final[Mapping[Part, str]] = {
    "hand scanner": "codes are typed in at /work; lights, belts and hosts go on",
    "scanner": "cartons pass it unread and come to the hospital lane or run round",
    "scale": "cartons pass it unweighed and come to the hospital lane",
    "printer": "its cartons get no label and come to the hospital lane",
    "sorter": "cartons take the PLC's own default and run round; picking goes on",
    "merge": "cartons wait on their infeeds; picking and sorting go on",
    "lights": "open lines are picked from /work; lit lines are lit again when it is back",
    "vehicle": "cartons wait at the hand-over; picking goes on",
    "door": "nothing is sent through it; everything else goes on",
    "io": "its values are marked bad; everything else goes on",
    "broker": "lights and vehicle are out of reach; open lines are picked from /work",
    "shop": "the floor goes on; what the shop must hear waits in the outbox, in order",
    "erp": "the floor goes on; what the ERP must hear waits in the outbox, in order",
    "carrier": "packed cartons wait for their label, then go to the hospital lane",
    "gateway": "belts run on by the PLC's own default; nothing acknowledged is lost",
    "everything": "nothing runs; every carton lies where it lay, every order is as it was",
    "lane": "its cartons run round until it is free; after three rounds a person looks",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be broken. `process`: it is one of the simulators, by that id."""

    id: str
    part: Part
    connection: str = ""

    @property
    def modes(self) -> tuple[str, ...]:
        return MODES[self.part]


def things(devices: DeviceMap) -> dict[str, Thing]:
    """Everything of a site by id; lanes of a sorter are `lane1`, `lane2` and so on."""
    without = unplayed(devices)
    found = [
        Thing(id, _part(devices, one), one.connection)
        for id, one in devices.devices.items()
        if id not in without
    ]
    found += [Thing(BROKER, "broker"), *(Thing(host, _host(host)) for host in HOSTS)]
    found += [Thing(GATEWAY, "gateway"), Thing(EVERYTHING, "everything")]
    for device in devices.devices.values():
        if isinstance(device, Sorter):
            lanes = (name for name, lane in device.lanes.items() if not lane.recirculate)
            found += [Thing(f"{LANE}{name}", "lane") for name in lanes]
    return {one.id: one for one in found}


def _host(id: str) -> Part:
    return "shop" if id == "shop" else "erp" if id == "erp" else "carrier"


def _part(devices: DeviceMap, device: Device) -> Part:
    match device:
        case Scanner():
            by_wire = isinstance(devices.connections[device.connection], Serial)
            return "hand scanner" if by_wire else "scanner"
        case Scale():
            return "scale"
        case Printer():
            return "printer"
        case Sorter():
            return "sorter"
        case Merge():
            return "merge"
        case LightZone():
            return "lights"
        case Fleet():
            return "vehicle"
        case Door():
            return "door"
        case Io():
            return "io"
