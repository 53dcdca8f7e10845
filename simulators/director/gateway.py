"""The gateway as the director sees it: a command that can be started, ended and killed."""

import asyncio
import logging
import os
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulators.child import NotReady
from simulators.hosts.call import NoAnswer, call
from simulators.prctl import die_with_parent

log = logging.getLogger("director")

READY_WITHIN_S = 60.0
LOOK_AGAIN_S = 0.05
POLITE_S = 10.0


class GatewayProcess:
    """`command` runs it on the address of `url`, also again and again; it answers `/health/ready`.
    It ends with us, however we end."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], url: str, log_file: Path
    ) -> None:
        self.url = url
        self.starts = self.kills = 0
        self._command, self._env, self._log = list(command), {**os.environ, **env}, log_file
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Until it is ready. Raises NotReady when it ends before, or in a minute is not."""
        if self.running:
            return
        with self._log.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=DEVNULL,
                stdout=said,
                stderr=said,
                env=self._env,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.starts += 1
        await self._until_ready(self._process)

    async def stop(self) -> None:
        """As a service manager ends it: SIGTERM, and SIGKILL when it does not listen."""
        process = self._process
        if process is None or not self.running:
            return
        process.terminate()
        if not await _ended(process, POLITE_S):
            log.warning("the gateway does not end; killing it")
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """Power cut: SIGKILL."""
        if self._process is not None and self.running:
            self._process.kill()
            self.kills += 1
            await self._process.wait()

    async def degraded(self) -> dict[str, str] | None:
        """Devices that the gateway says are not up, and why; None: it does not answer."""
        try:
            answer = await call("GET", f"{self.url}/health/ready", within_s=2.0)
        except NoAnswer:
            return None
        if not answer.ok:
            return None
        rows: list[dict[str, Any]] = answer.body.get("degraded", [])
        return {row["id"]: row["why"] for row in rows}

    async def _until_ready(self, process: Process) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while process.returncode is None:
                    if await self.degraded() is not None:
                        return
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            await self.kill()
        raise NotReady(f"the gateway did not start; see {self._log}")


async def _ended(process: Process, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await process.wait()
    except TimeoutError:
        return False
    return True
