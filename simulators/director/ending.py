"""The end of a run: waits until nothing is left to do, then asks every witness and judges.

async with Director(...) as director:
    await director.gateway.start()
    verdict = await Ending(director, data).judged()
"""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from simulators.child import NotReady
from simulators.director.director import Director, sorting_of
from simulators.director.judge import Ours, Verdict, judge, unfinished
from simulators.hosts.call import NoAnswer, call

LOOK_S = 0.5
STUCK_S = 120.0
"""Nothing moved for so long: the run is judged as it stands."""

Status = dict[str, Any]


class Ending:
    """data: the folder of the gateway's database. ended: somebody has had enough."""

    def __init__(self, director: Director, data: Path, ended: asyncio.Event | None = None) -> None:
        self._director, self._data = director, data
        self._ended = ended or asyncio.Event()

    async def judged(self, after: "asyncio.Task[Any] | None" = None) -> Verdict:
        """Stops the gateway, decides its journal again and compares; not before `after` is over.
        Raises NotReady when the gateway never answered, and what `after` raised."""
        director = self._director
        if after is not None:
            await after
        ours, status = await self._until_done()
        witness = await director.witness()
        await director.gateway.stop()
        said = json.loads(await gateway_says("replay", str(self._data), "--json"))
        ours["replay_identical"] = said["identical"]
        sorting = sorting_of(director.sims.run.map)
        verdict = judge(director.story, sorting, witness, ours, director.faults())
        reasons = [*verdict.reasons, *_trouble(status)]
        if not said["identical"]:
            reasons.append(said["text"])
        return Verdict(verdict.result, reasons, verdict.named)

    async def get(self, path: str) -> Any:
        """What the gateway answers to its owner. Raises NoAnswer, also for a refusal."""
        token = (self._data / "local.token").read_text().strip()
        url, headers = self._director.gateway.url + path, {"Authorization": f"Bearer {token}"}
        answer = await call("GET", url, headers=headers, within_s=10.0)
        if not answer.ok:
            raise NoAnswer(f"{path}: {answer.status}")
        return answer.body

    async def left(self) -> list[str]:
        """What a run still waits for, in words. Raises NoAnswer, OSError."""
        return await self._left(*await self._ours())

    async def _ours(self) -> tuple[Ours, Status]:
        books, status = await self.get("/api/books"), await self.get("/api/status")
        ours = Ours(
            books=books,
            waiting=status["outbox_waiting"],
            parked=status["outbox_parked"],
            replay_identical=True,
            decision_ms=status["decision_ms"],
        )
        return ours, status

    async def _until_done(self) -> tuple[Ours, Status]:
        """Until nothing is left to do, nothing moves any more, or somebody has had enough."""
        seen: tuple[Ours, Status] | None = None
        moved, last = monotonic(), -1
        while not self._ended.is_set() and monotonic() - moved < STUCK_S:
            with suppress(NoAnswer, OSError):
                seen = await self._ours()
                if seen[1]["last_event"] != last:
                    moved, last = monotonic(), seen[1]["last_event"]
                if self._director.faults_over and not await self._left(*seen):
                    return seen
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._ended.wait()
        if seen is None:
            raise NotReady("the gateway never answered")
        return seen

    async def _left(self, ours: Ours, status: Status) -> list[str]:
        open_work = [f"{kind}: {count}" for kind, count in status["errands"].items() if count]
        witness = await self._director.witness()
        return [*open_work, *unfinished(self._director.story, witness, ours)]


async def gateway_says(*arguments: str) -> str:
    """What a command of the gateway prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *arguments, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return said.decode()


def _trouble(status: Status) -> list[str]:
    if status["quarantined"]:
        return [f"{status['quarantined']} observations are quarantined"]
    return []
