"""One simulator as a child process: ready when it says its address, ended when we let go of it."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.running import Running, Spawn
from simulators.spawn import spawn

log = logging.getLogger("launch")

READY_WITHIN_S = 30.0
POLITE_S, FIRM_S = 3.0, 2.0
"""Patience after its stdin was closed, and after SIGTERM; then SIGKILL."""

Address = dict[str, Any]


class NotReady(Exception):
    """A simulator ended, or said nothing in time; the words name its log."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `port` as text: a TCP port, 0 for any, or the path of a serial link."""

    id: str
    module: str
    arguments: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    port: str = "0"
    control: int | None = None
    """Where it takes facts and faults on loopback, as lines of JSON."""


class Child:
    def __init__(self, program: Program, logs: Path, spawn: Spawn = spawn) -> None:
        self.id, self.control = program.id, program.control
        self.address: Address = {}
        self.took_s = 0.0
        self._program, self._port, self._spawn = program, program.port, spawn
        self._log = logs / f"{program.id}.log"
        self._process: Running | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> Address:
        """Runs until it is ready, on the port it had before. Raises NotReady."""
        if self.running:
            return self.address
        asked = asyncio.get_running_loop().time()
        program = self._program
        arguments = ["--id", program.id, "--port", self._port, *program.arguments]
        process = await self._spawn(program.module, arguments, program.secrets, self._log)
        self._process = process
        self.address = await self._ready_line(process)
        self._port = str(self.address.get("port") or _port_of(self.address) or self._port)
        self.took_s = asyncio.get_running_loop().time() - asked
        return self.address

    async def stop(self) -> None:
        """Lets go of it: its stdin closes; who does not end is terminated, then killed."""
        process = self._process
        if process is None:
            return
        process.let_go()
        for patience_s, push in ((POLITE_S, process.terminate), (FIRM_S, process.kill)):
            if await process.ended(patience_s):
                return
            log.warning("%s does not end; %s", self.id, push.__name__)
            push()
        await process.wait()

    async def restart(self) -> Address:
        await self.stop()
        return await self.start()

    async def kill(self) -> None:
        """Power cut: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def _ready_line(self, process: Running) -> Address:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                line = await process.line()
            return dict(json.loads(line)["address"])
        except (TimeoutError, ValueError, KeyError) as err:
            await self.kill()
            raise NotReady(f"{self.id} did not start; see {self._log}") from err


def _port_of(address: Address) -> str:
    """The port of a URL: `http://127.0.0.1:40010`, `opc.tcp://127.0.0.1:40002/merge`."""
    authority = str(address.get("url", "")).partition("://")[2].partition("/")[0]
    return authority.rpartition(":")[2]
