"""Two ways to start a simulator: as a program of its own, or forked from the nursery."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from simulators.running import Running

LONGEST = 1 << 16


class Pipes:
    """stdin and stdout of a child to be, and its log; ours are kept, theirs closed on exit."""

    def __init__(self, log: Path) -> None:
        self._theirs = ExitStack()
        stdin, self.stdin = os.pipe()
        self.stdout, stdout = os.pipe()
        stderr = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.fds = [stdin, stdout, stderr]
        for fd in self.fds:
            self._theirs.callback(os.close, fd)

    def __enter__(self) -> "Pipes":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._theirs.close()
        if error is not None:
            os.close(self.stdin)
            os.close(self.stdout)


async def spawn(
    module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path
) -> Running:
    """A program of its own. Raises OSError when it cannot be started."""
    with Pipes(log) as pipes:
        stdin, stdout, stderr = pipes.fds
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env={**os.environ, **env},
            start_new_session=True,  # Ctrl-C is for us; we let go of it in order
        )
        pidfd = os.pidfd_open(process.pid)
        return Running(process.pid, pidfd, pipes.stdin, pipes.stdout, process.wait)


class Nursery:
    """`simulators.nursery` as a child: ten times as fast as a program of its own.

    An instance is a `Spawn`. It loads while it is opened; whoever asks early waits.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "simulators.nursery", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.setblocking(False)
        self._line = ours

    def close(self) -> None:
        """Its children live on, held by their own stdin."""
        self._line.close()
        self._process.wait()

    def __enter__(self) -> "Nursery":
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __call__(
        self, module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path
    ) -> Running:
        about = {"name": log.stem, "module": module, "arguments": list(arguments)}
        request = {**about, "env": dict(env)}
        with Pipes(log) as pipes:
            async with self._turn:
                pid, pidfd = await self._asked(json.dumps(request).encode(), pipes.fds)
            return Running(pid, pidfd, pipes.stdin, pipes.stdout)

    async def _asked(self, request: bytes, fds: list[int]) -> tuple[int, int]:
        """Its pid and pidfd. Raises ConnectionError when the nursery is no more."""
        try:
            socket.send_fds(self._line, [request], fds)
            await _readable(self._line)
            message, given, _, _ = socket.recv_fds(self._line, LONGEST, 1)
        except ConnectionError as err:
            raise ConnectionError(f"the nursery ended; see {self._log}") from err
        if not message:
            raise ConnectionError(f"the nursery ended; see {self._log}")
        return int(json.loads(message)["pid"]), given[0]


async def _readable(line: socket.socket) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(line, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(line)
