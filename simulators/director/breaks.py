"""Breaks a thing, lets it heal, and writes down in plain words what happened."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final

from simulators.bus import ask
from simulators.child import Child, NotReady
from simulators.director.gateway import GatewayProcess
from simulators.director.parts import DONE_TO, FAILING, GATEWAY, LANE, MEANWHILE, Thing
from simulators.hosts.app import utc_now
from simulators.hosts.call import NoAnswer, call
from simulators.launch import CONTROL_TOKEN, Launch
from simulators.process import HostPort
from simulators.programs import HOSTS, PEOPLE, WORLD

log = logging.getLogger("director")

A_WHILE_S: Final = 3.0
LOOK_AGAIN_S: Final = 0.1
HEALED_WITHIN_S: Final = 60.0
KEPT: Final = 1000
APART_S: Final = 0.1
"""Between two starts after a blackout."""
WORLD_FAULTS: Final = {
    "unplug": "unplugged",
    "paper_out": "paper_out",
    "stopped": "stopped",
    "blocked": "blocked",
    "slow": "slow",
}
HAS_A_PLUG: Final = ("hand scanner", "scanner", "scale", "printer", "door", "io")
"""These pull their own plug; of the others `unplug` is a power cut."""


@dataclass(slots=True)
class Broken:
    """One fault. `begin` and `end` are the world's seconds, the others UTC; `over`: it is whole
    again; `healed_at`: the gateway works with it again."""

    n: int
    what: str
    mode: str
    by: str
    text: str
    meanwhile: str
    started: str
    begin: float
    over: str | None = None
    healed_at: str | None = None
    end: float | None = None
    healed: str = ""


class Breaks:
    def __init__(self, sims: Launch, gateway: GatewayProcess, world_now: "Clock") -> None:
        self.log: deque[Broken] = deque(maxlen=KEPT)
        self._sims, self._gateway, self._now = sims, gateway, world_now
        self._busy: dict[str, asyncio.Lock] = {}
        self._count = 0

    async def run(
        self, thing: Thing, mode: str, seconds: float | None, count: int | None, by: str
    ) -> Broken:
        """Until it has healed; one fault at a time per thing."""
        async with self._turn(thing):
            broken = self._begun(thing, mode, by)
            try:
                await self._break(thing, mode, seconds, count)
                broken.over = utc_now()
                broken.healed = await self._healed(thing)
            except (NotReady, NoAnswer, OSError, LookupError) as err:
                broken.healed = f"not healed: {err}"
                log.warning("%s: %s", broken.text, broken.healed)
                return broken
            broken.healed_at, broken.end = utc_now(), self._now()
            return broken

    def told(self) -> list[dict[str, Any]]:
        return [asdict(broken) for broken in self.log]

    @asynccontextmanager
    async def _turn(self, thing: Thing) -> AsyncIterator[None]:
        """A blackout is a fault of all that it kills: it waits for who is just being started."""
        ids = [thing.id]
        if thing.part == "everything":
            ids += sorted([GATEWAY, *self._on_site()])
        async with AsyncExitStack() as turns:
            for id in ids:
                await turns.enter_async_context(self._busy.setdefault(id, asyncio.Lock()))
            yield

    def _on_site(self) -> list[str]:
        """Who hangs on the site's own power."""
        return [id for id in self._sims.children if id not in (WORLD, PEOPLE, *HOSTS)]

    def _begun(self, thing: Thing, mode: str, by: str) -> Broken:
        self._count += 1
        text = DONE_TO[mode].format(what=thing.id)
        meanwhile, now = MEANWHILE[thing.part], self._now()
        broken = Broken(self._count, thing.id, mode, by, text, meanwhile, utc_now(), now)
        self.log.append(broken)
        return broken

    # --- breaking --------------------------------------------------------------------------------

    async def _break(
        self, thing: Thing, mode: str, seconds: float | None, count: int | None
    ) -> None:
        a_while_s = A_WHILE_S if seconds is None else seconds
        if thing.part == "everything":
            await self._blackout(a_while_s)
        elif thing.part == "lane":
            await self._lane(thing.id.removeprefix(LANE), mode, a_while_s)
        elif mode in FAILING:
            await self._fail(thing.id, mode, a_while_s, count)
        elif mode == "reset":
            await self._ask("fault", device=thing.id, fault="reset_lines", on=True)
        elif mode in WORLD_FAULTS and (mode != "unplug" or thing.part in HAS_A_PLUG):
            await self._fault(thing.id, WORLD_FAULTS[mode], a_while_s)
        elif mode == "restart":
            await self._restart(thing.id)
        else:
            await self._power_cut(thing.id, a_while_s)

    async def _restart(self, id: str) -> None:
        if id == GATEWAY:
            await self._gateway.stop()
            await self._gateway.start()
        else:
            await self._sims.restart(id)

    async def _power_cut(self, id: str, seconds: float) -> None:
        target = self._gateway if id == GATEWAY else self._sims.children[id]
        await target.kill()
        await asyncio.sleep(seconds)
        await target.start()

    async def _blackout(self, seconds: float) -> None:
        """Everything dies at once and comes back in an order drawn by the seed."""
        sims = self._sims
        found = [sims.children[id] for id in self._on_site()]
        targets: list[GatewayProcess | Child] = [self._gateway, *found]
        Random(f"{sims.run.seed}:blackout:{self._count}").shuffle(targets)
        await asyncio.gather(*(target.kill() for target in targets))
        await asyncio.sleep(seconds)
        starting = []
        for target in targets:
            starting.append(asyncio.ensure_future(target.start()))
            await asyncio.sleep(APART_S)
        await asyncio.gather(*starting)

    async def _fault(self, device: str, fault: str, seconds: float) -> None:
        await self._ask("fault", device=device, fault=fault, on=True)
        await asyncio.sleep(seconds)
        await self._ask("fault", device=device, fault=fault, on=False)

    async def _lane(self, lane: str, fault: str, seconds: float) -> None:
        await self._ask("fault", lane=lane, fault=fault, on=True)
        await asyncio.sleep(seconds)
        await self._ask("fault", lane=lane, fault=fault, on=False)

    async def _fail(self, host: str, mode: str, seconds: float, count: int | None) -> None:
        """For a while, or for so many requests as soon as they come."""
        await self.control(host, "POST", "fail", {"mode": mode, "count": count})
        if count is None:
            await asyncio.sleep(seconds)
            await self.control(host, "POST", "fail", {"mode": None})
            return
        async with asyncio.timeout(HEALED_WITHIN_S):
            while (await self.control(host, "GET", "failing"))["mode"]:
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _ask(self, what: str, **fields: object) -> None:
        at = self._sims.address(WORLD)
        await ask(HostPort(at["host"], at["port"]), what, **fields)

    async def control(self, host: str, method: str, what: str, body: Any = None) -> Any:
        """The host's control side. Raises NoAnswer, LookupError when it refuses."""
        url = f"{self._sims.address(host)['url']}/control/{what}"
        token = self._sims.secrets[CONTROL_TOKEN]
        answer = await call(method, url, body, headers={"Authorization": f"Bearer {token}"})
        if not answer.ok:
            raise LookupError(f"{host}: {answer.body.get('error', answer.status)}")
        return answer.body

    # --- healing ---------------------------------------------------------------------------------

    async def _healed(self, thing: Thing) -> str:
        """Waits until the gateway works with it again; says how long that took."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        try:
            async with asyncio.timeout(HEALED_WITHIN_S):
                while not await self._works(thing):
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            return f"whole again, but the gateway does not say so after {HEALED_WITHIN_S:.0f} s"
        return f"the gateway works with it again, {loop.time() - since:.1f} s after it was whole"

    async def _works(self, thing: Thing) -> bool:
        match thing.part:
            case "shop" | "erp" | "carrier" | "lane":
                return True
            case "everything":
                return await self._gateway.degraded() == {}
            case "gateway":
                return await self._gateway.degraded() is not None
            case _:
                down = await self._gateway.degraded()
                return down is not None and not down.keys() & self._affected(thing)

    def _affected(self, thing: Thing) -> set[str]:
        if thing.part != "broker":
            return {thing.id}
        at = self._sims.address(thing.id)
        return {id for id, child in self._sims.children.items() if child.address == at}


class Clock:
    """The world's seconds, from one look at its clock."""

    def __init__(self, world_now: float) -> None:
        self._ahead = world_now - asyncio.get_running_loop().time()

    def __call__(self) -> float:
        return round(asyncio.get_running_loop().time() + self._ahead, 3)
