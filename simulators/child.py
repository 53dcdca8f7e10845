"""One simulator as a child process: ready when it says its address, ended when we let go of it."""

import asyncio
import json
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


class Child:
    def __init__(self, program: Program, logs: Path) -> None:
        self.id = program.id
        self.address: Address = {}
        self.took_s = 0.0
        self._program, self._port = program, program.port
        self._log = logs / f"{program.id}.log"
        self._process: Process | None = None
        self._drain: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> Address:
        """Runs until it is ready, on the port it had before. Raises NotReady."""
        if self.running:
            return self.address
        asked = asyncio.get_running_loop().time()
        with self._log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(),
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
                env=self._environment(),
                start_new_session=True,  # Ctrl-C is for us; we let go of them in order
            )
        self.address = await self._ready_line(self._process)
        self.took_s = asyncio.get_running_loop().time() - asked
        self._port = str(self.address.get("port") or _port_of(self.address) or self._port)
        self._drain = asyncio.create_task(_drained(self._process))
        return self.address

    async def stop(self) -> None:
        """Lets go of it: its stdin closes; who does not end is terminated, then killed."""
        process = self._process
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        for patience_s, push in ((POLITE_S, process.terminate), (FIRM_S, process.kill)):
            if await ended(process, patience_s):
                break
            log.warning("%s does not end; %s", self.id, push.__name__)
            push()
        await self._gone(process)

    async def kill(self) -> None:
        """Power cut: SIGKILL."""
        if self._process is not None:
            if self.running:
                self._process.kill()
            await self._gone(self._process)

    async def _gone(self, process: Process) -> None:
        await process.wait()
        if process.stdin:
            process.stdin.close()
        if self._drain:
            await self._drain
        self._process = self._drain = None

    def _command(self) -> list[str]:
        program = self._program
        common = ["-m", program.module, "--id", program.id, "--port", self._port]
        return [sys.executable, *common, *program.arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self._program.secrets, "PYTHONUNBUFFERED": "1"}

    async def _ready_line(self, process: Process) -> Address:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                line = await process.stdout.readline()
            return dict(json.loads(line)["address"])
        except (TimeoutError, ValueError, KeyError) as err:
            await self.kill()
            raise NotReady(f"{self.id} did not start; see {self._log}") from err


async def _drained(process: Process) -> None:
    """Whatever else it prints must not fill the pipe."""
    assert process.stdout is not None
    while await process.stdout.read(4096):
        pass


async def ended(process: Process, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await process.wait()
    except TimeoutError:
        return False
    return True


def _port_of(address: Address) -> str:
    """The port of a URL: `http://127.0.0.1:40010`, `opc.tcp://127.0.0.1:40002/merge`."""
    authority = str(address.get("url", "")).partition("://")[2].partition("/")[0]
    return authority.rpartition(":")[2]
