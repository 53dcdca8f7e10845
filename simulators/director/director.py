"""The demo's control side: breaks and plays on request, presses the seed's faults, asks the
witnesses.

    async with Launch(...) as sims, Director(sims, command, env, faults=True) as director:
        await director.gateway.start()
        ...
        witness = await director.witness()

`command` starts the gateway on the URL that the launch was given; it is started, killed and
restarted as often as need be.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from ruamel.yaml import YAML

from simulators.bus import ask
from simulators.director.breaks import Breaks, Broken, Clock
from simulators.director.control import Control
from simulators.director.gateway import GatewayProcess
from simulators.director.judge_floor import Fault, Sorting
from simulators.director.parts import EVERYTHING, GATEWAY, LANE, Thing, things
from simulators.faults import Devices, PlannedFault, due, plan_faults, progress
from simulators.hosts.call import NoAnswer
from simulators.hosts.carrier_book import PREFIX
from simulators.hosts.http import LOOPBACK, serving
from simulators.launch import Launch
from simulators.process import HostPort
from simulators.programs import HOSTS, WORLD
from simulators.story import Story, plan

log = logging.getLogger("director")

LOOK_AGAIN_S = 0.25


class Director:
    def __init__(
        self,
        sims: Launch,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        faults: bool = False,
        log_file: Path | None = None,
    ) -> None:
        self.sims, self.token, self.url = sims, secrets.token_urlsafe(24), ""
        run = sims.run
        log_file = log_file or run.folder / "logs" / "gateway.log"
        self.gateway = GatewayProcess(command, env or {}, run.gateway, log_file)
        self.story: Story = plan(run.seed, run.orders)
        self.things = things(sims.devices)
        self.plan = plan_faults(run.seed, devices_of(self.things)) if faults else ()
        self.pressed = 0
        self._running: set[asyncio.Task[Broken]] = set()

    async def __aenter__(self) -> "Director":
        now = float((await self.ask("state"))["now"])
        self.breaks = Breaks(self.sims, self.gateway, Clock(now))
        self._stack = AsyncExitStack()
        port = await self._stack.enter_async_context(serving(Control(self).handle))
        self.url = f"http://{LOOPBACK}:{port}"
        self.sims.write_overlay(control=self.url, control_token=self.token)
        self._pressing = asyncio.create_task(self._press_by_seed())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        tasks = {self._pressing, *self._running}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(NoAnswer, OSError, LookupError):  # a run that broke off has no last word
            await self._keep_witness()
        await self.gateway.stop()
        await self._stack.aclose()

    # --- breaking --------------------------------------------------------------------------------

    def break_it(
        self,
        thing: Thing,
        mode: str,
        *,
        seconds: float | None = None,
        count: int | None = None,
        by: str = "visitor",
    ) -> "asyncio.Task[Broken]":
        """Begins at once; the task ends when it has healed."""
        breaking = self.breaks.run(thing, mode, seconds, count, by)
        task = asyncio.create_task(breaking)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    @property
    def faults_over(self) -> bool:
        """Every fault of the seed was had, and all faults have healed."""
        return self.pressed == len(self.plan) and not self._running

    def faults(self) -> list[Fault]:
        """What was broken, for the judge."""
        return [Fault(one.what, one.begin, one.end) for one in self.breaks.log]

    async def _press_by_seed(self) -> None:
        while self.pressed < len(self.plan):
            for fault in due(self.plan, self.pressed, await self.progress()):
                self.pressed += 1
                self._press(fault)
            await asyncio.sleep(LOOK_AGAIN_S)

    def _press(self, fault: PlannedFault) -> None:
        thing = self.things[fault.what]
        self.break_it(thing, fault.mode, seconds=fault.seconds, count=fault.count, by="the seed")

    # --- asking ----------------------------------------------------------------------------------

    async def progress(self) -> float:
        """0 to 1; 0 also while the shop cannot say."""
        try:
            told = await self.breaks.control("shop", "GET", "told")
        except NoAnswer:
            return 0.0
        return progress(self.story, told["told"])

    async def ask(self, what: str, **fields: object) -> dict[str, Any]:
        """The world. Raises OSError when there is none, LookupError when it refuses."""
        at = self.sims.address(WORLD)
        return await ask(HostPort(at["host"], at["port"]), what, **fields)

    async def witness(self) -> dict[str, Any]:
        """What world, shop, ERP and carrier say of themselves. Raises NoAnswer, OSError."""
        hosts = await asyncio.gather(*(self.breaks.control(id, "GET", "state") for id in HOSTS))
        said = dict(zip(HOSTS, hosts, strict=True))
        return {"world": await self.ask("books"), **said, "faults": self.breaks.told()}

    async def _keep_witness(self) -> None:
        """For whoever wonders afterwards: `witness.json` in the run folder."""
        said = json.dumps(await self.witness())
        (self.sims.run.folder / "witness.json").write_text(said, encoding="utf-8")


def sorting_of(folder: Path) -> Sorting:
    """The sort plan by the site file, and whose trouble can send a carton to the hospital."""
    site = YAML(typ="safe").load(folder / "site.yaml")
    pack, sorter, carriers = site["pack"], site["sorter"], site["carriers"]
    on_the_way = (pack["scanner"], pack["scale"], pack["printer"], sorter["device"])
    lanes = (f"{LANE}{lane['lane']}" for lane in sorter["lanes"])
    return Sorting(
        lane_of={one["id"]: one["lane"] for one in carriers},
        hospital=sorter["hospital"],
        prefix=PREFIX,
        sends_astray=frozenset(
            {GATEWAY, EVERYTHING, *on_the_way, sorter["scanner"], "carrier", *lanes}
        ),
    )


def devices_of(found: Mapping[str, Thing]) -> Devices:
    """Who plays which part; the first of its kind."""
    by_part: dict[str, str] = {}
    for thing in found.values():
        by_part.setdefault(thing.part, thing.id)
    return Devices(
        sorter=by_part["sorter"],
        merge=by_part["merge"],
        lights=by_part["lights"],
        hand=by_part["hand scanner"],
    )
