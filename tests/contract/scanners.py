"""Every line that a scanner can have, with its simulator at the other end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from devices.live import Live
from devices.map.schema import (
    Feedback,
    Framing,
    Hid,
    Payload,
    Scanner,
    Serial,
    TcpClient,
    TcpServer,
)
from devices.mode import Mode
from devices.scanner.session import ScannerDriver
from simulators.bus import BusClient, Message
from simulators.free_port import free_port
from simulators.hand_scanner import HandScanner, gun_of
from simulators.process import port_of
from simulators.scanner import FixedScanner
from simulators.scanner_dial import Dialer
from simulators.scanner_hid import UsbScanner
from tests.devices.peers import HandClock
from wcs.names import DeviceId

ID = DeviceId("scan1")


class Peer(Protocol):
    def heard(self, fact: Message) -> None: ...


@dataclass
class Rig:
    """A scanner at its line, and the driver for it."""

    config: Scanner
    line: Any
    peer: Peer
    tones: list[bool]
    """What its operator has heard."""
    live: Live = field(default_factory=Live)
    clock: HandClock = field(default_factory=HandClock)

    def driver(self, mode: Mode = "automatic") -> ScannerDriver:
        return ScannerDriver(
            ID, self.config, self.line, clock=self.clock, live=self.live, mode=mode
        )

    def reads(self, code: str) -> None:
        self.peer.heard({"fact": "trigger", "code": code})

    def fault(self, what: str, on: bool = True) -> None:
        self.peer.heard({"fact": "fault", "fault": what, "on": on})


class Fixed:
    """A fixed scanner whose every read is a trigger of one code."""

    def __init__(self, scanner: FixedScanner) -> None:
        self._scanner = scanner

    def heard(self, fact: Message) -> None:
        if fact["fact"] == "trigger":
            fact = {"fact": "read", "codes": [fact["code"]], "trigger": None}
        self._scanner.heard(fact)


class Person:
    """Stands in for the world: only listens."""

    def __init__(self) -> None:
        self.tones: list[bool] = []

    def act(self, name: str, **what: object) -> None:
        self.tones.append(bool(what["good"]))


def config(framing: Framing, encoding: str, style: str = "none") -> Scanner:
    return Scanner(
        kind="scanner",
        connection="line",
        framing=framing,
        payload=Payload(encoding=encoding),
        feedback=Feedback(style=cast(Any, style)),
    )


TEXT, MARKED, PACKETS = (
    Framing.model_validate({**one, "idle_flush": "300ms"})
    for one in ({"end": "\r"}, {"start": "\x02", "end": "\x03"}, {"packets": "zebra-ssi"})
)
WIRES = ("serial", "serial packets", "tcp client", "tcp server", "events", "keyboard", "pos")
HEARING = ("serial", "serial packets", "tcp server")


@asynccontextmanager
async def rig(wire: str, folder: Path, encoding: str = "latin-1") -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        match wire:
            case "serial":
                yield _serial(config(TEXT, encoding, "datalogic-escape"), folder, stack)
            case "serial packets":
                yield _serial(config(PACKETS, encoding, "zebra-ssi"), folder, stack)
            case "tcp client":
                yield await _listening(config(MARKED, encoding), stack)
            case "tcp server":
                yield await _calling(config(MARKED, encoding, "datalogic-escape"), stack)
            case "events" | "keyboard" | "pos":
                line = Hid(type="hid", port=str(folder / "hid"), reports=wire, layout="de")
                yield _usb(config(TEXT, encoding), line, stack)
            case _:
                raise LookupError(wire)


def _serial(config: Scanner, folder: Path, stack: AsyncExitStack) -> Rig:
    link, person, gun = folder / "gun", Person(), gun_of(config)
    scanner = HandScanner(link, cast(BusClient, person), gun)
    scanner.plug()
    stack.callback(scanner.unplug)
    return Rig(config, Serial(type="serial", port=str(link)), scanner, person.tones)


async def _listening(config: Scanner, stack: AsyncExitStack) -> Rig:
    scanner = FixedScanner(config)
    server = await stack.enter_async_context(await scanner.lines.listen(0))
    line = TcpClient(type="tcp-client", host="127.0.0.1", port=port_of(server))
    stack.callback(scanner.lines.unplug, True)
    return Rig(config, line, Fixed(scanner), [])


async def _calling(config: Scanner, stack: AsyncExitStack) -> Rig:
    port = free_port()
    scanner = Dialer(config, port, seed=7)
    calling = asyncio.create_task(scanner.run())

    async def end() -> None:
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)

    stack.push_async_callback(end)
    line = TcpServer(type="tcp-server", host="127.0.0.1", port=port, peer="127.0.0.1")
    return Rig(config, line, scanner, scanner.tones)


def _usb(config: Scanner, line: Hid, stack: AsyncExitStack) -> Rig:
    scanner = UsbScanner(config, line, Path(line.port or ""), seed=7)
    scanner.plug()
    stack.callback(scanner.unplug)
    return Rig(config, line, scanner, [])
