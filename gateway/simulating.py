"""The simulators of single devices of a running site: programs of their own, never imported."""

import asyncio
import ctypes
import json
import logging
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "simulators.simulate")
READY_S: Final = 20.0
END_S: Final = 5.0
PR_SET_PDEATHSIG: Final = 1
READY: Final = b"overlay:"


class NoSimulator(Exception):
    """It did not start; the words are for a person."""


class Simulators:
    """Started one by one; none outlives the gateway, however that ends.

    config: the site's folder; run: where each keeps its log and its state.
    """

    def __init__(self, config: Path, run: Path) -> None:
        self._config, self._run = config, run
        self._running: dict[str, Process] = {}
        self._at: dict[str, Mapping[str, Any]] = {}

    def address(self, device: str) -> Mapping[str, Any] | None:
        """The fields of the connection that lead to it; None while none runs."""
        process = self._running.get(device)
        return self._at.get(device) if process and process.returncode is None else None

    async def start(self, device: str, connection: str, *, broker: bool) -> Mapping[str, Any]:
        """`broker`: it needs one of its own. Raises NoSimulator."""
        if (known := self.address(device)) is not None:
            return known
        folder = self._run / device
        folder.mkdir(parents=True, exist_ok=True)
        only = [f"--only={device}", *(["--only=broker"] if broker else [])]
        where = [f"--config={self._config}", f"--run={folder}"]
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *where,
            *only,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            preexec_fn=_end_with_us,
            start_new_session=True,
        )
        self._running[device] = process
        try:
            async with asyncio.timeout(READY_S):
                await _ready(process, device)
        except TimeoutError as err:
            await self.stop(device)
            raise NoSimulator(f"the simulator of {device} is not ready in {READY_S:g} s") from err
        except NoSimulator:
            await self.stop(device)
            raise
        overlay = json.loads((folder / "overlay.json").read_text("utf-8"))
        self._at[device] = overlay["connections"][connection]
        return self._at[device]

    async def stop(self, device: str) -> None:
        process = self._running.pop(device, None)
        self._at.pop(device, None)
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def close(self) -> None:
        await asyncio.gather(*(self.stop(device) for device in list(self._running)))


async def _ready(process: Process, device: str) -> None:
    assert process.stdout is not None and process.stderr is not None
    async for line in process.stdout:
        if line.startswith(READY):
            return
    told = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
    raise NoSimulator(f"the simulator of {device} did not start: {told[-1] if told else '?'}")


def _end_with_us() -> None:
    """In the child, before it is a simulator: a gateway that is killed takes it along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
