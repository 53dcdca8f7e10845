"""A process that we hold by its stdin: it ends when we let go of it, or when we are no more."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Running:
    """Signals go by pidfd, so that they never reach a stranger who got the same number."""

    def __init__(
        self,
        pid: int,
        pidfd: int,
        stdin: int,
        stdout: int,
        collect: Callable[[], object] | None = None,
    ) -> None:
        """Takes over the three descriptors: of the process, and our ends of its pipes.

        `collect` is called when it is no more, where it is our own child.
        """
        self.pid = pid
        self._collect = collect
        self._pidfd, self._stdin, self._stdout = pidfd, stdin, os.fdopen(stdout, "rb", 0)
        self._over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(pidfd, self._ended)
        self._lines = asyncio.StreamReader()
        self._pipe: asyncio.BaseTransport | None = None

    @property
    def alive(self) -> bool:
        return not self._over.is_set()

    async def line(self) -> bytes:
        """The first line of its stdout; empty when it ends before. The rest is thrown away."""
        protocol = asyncio.StreamReaderProtocol(self._lines)
        self._pipe, _ = await self._loop.connect_read_pipe(lambda: protocol, self._stdout)
        found = await self._lines.readline()
        self._draining = asyncio.create_task(_drained(self._lines))
        return found

    def let_go(self) -> None:
        """Closes its stdin."""
        if self._stdin >= 0:
            os.close(self._stdin)
            self._stdin = -1

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    async def wait(self) -> None:
        """Until it is no more; then nothing of it is held."""
        await self._over.wait()

    async def ended(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                await self.wait()
        except TimeoutError:
            return False
        return True

    def _send(self, number: int) -> None:
        if self.alive:
            signal.pidfd_send_signal(self._pidfd, number)

    def _ended(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        if self._collect:
            self._collect()
        self.let_go()
        if self._pipe is None:
            self._stdout.close()
        else:
            self._pipe.close()
        self._over.set()


async def _drained(lines: asyncio.StreamReader) -> None:
    """Whatever else it prints must not fill the pipe."""
    while await lines.read(4096):
        pass


class Spawn(Protocol):
    """Starts `python -m module arguments`; `env` is added to ours, stderr is appended to `log`."""

    async def __call__(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path
    ) -> Running: ...
