"""The node-opcua server of these tests as a process: installed once per machine into a temporary
folder, started, killed, stopped and started again at its port."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INSTALL_S = 240


def installed() -> Path:
    """The folder with its packages; skips with a reason where it cannot be had."""
    from tests.conftest import WITHOUT, program

    program("Node.js", "node")
    npm = program("npm", "npm")
    wanted = (HERE / "package.json").read_text()
    folder = Path(tempfile.gettempdir()) / f"wedge-stranger-opcua-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    known = folder / "package.json"
    if not (folder / "complete").exists() or known.read_text() != wanted:
        (folder / "complete").unlink(missing_ok=True)
        known.write_text(wanted)
        command = [str(npm), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        try:
            subprocess.run(command, cwd=folder, timeout=INSTALL_S, check=True, capture_output=True)
        except (subprocess.SubprocessError, OSError):
            pytest.skip(f"{WITHOUT}node-opcua (npm install failed)")
        (folder / "complete").touch()
    shutil.copy(HERE / "server.js", folder / "server.js")
    return folder


class Stranger:
    def __init__(self, packages: Path, folder: Path) -> None:
        self._packages, self.folder = packages, folder
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}/plant"

    @property
    def certificate(self) -> Path:
        return self.folder / "pki" / "own" / "certs" / "certificate.pem"

    async def start(self, **given: Any) -> None:
        """At the port it had before."""
        asked = {"folder": str(self.folder), "port": self.port, **given}
        self._process = await asyncio.create_subprocess_exec(
            "node", "server.js", json.dumps(asked), cwd=self._packages,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(60):
            self.port = (await self._answer())["port"]

    async def ask(self, **what: Any) -> dict[str, Any]:
        self.tell(**what)
        async with asyncio.timeout(10):
            return await self._answer()

    def tell(self, **what: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def _answer(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.startswith(b"{"):
                found: dict[str, Any] = json.loads(line)
                return found
        raise AssertionError("the node-opcua server ended")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self._process is not None
        await self._process.wait()
        self._process = None

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(which)

    async def end(self) -> None:
        if self._process is not None:
            self.thaw()
            await self.kill()


@asynccontextmanager
async def stranger(packages: Path, folder: Path, **given: Any) -> AsyncIterator[Stranger]:
    made = Stranger(packages, folder)
    try:
        await made.start(**given)
        yield made
    finally:
        await made.end()
