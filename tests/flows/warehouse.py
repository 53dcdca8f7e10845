"""A gateway with a simulated warehouse around it, as `wedge demo` puts it together, for tests and
soaks to look at, break and judge."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from simulators.director.breaks import Broken
from simulators.director.director import Director
from simulators.director.ending import Ending, gateway_says
from simulators.hosts.call import Answer, NoAnswer, call
from simulators.launch import Launch

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config/demo"
ONE_HOST = "127.0.0.1"
LOOK_AGAIN_S = 0.02

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Warehouse:
    """data: the gateway's folder."""

    sims: Launch
    director: Director
    ending: Ending
    data: Path

    @property
    def token(self) -> str:
        return (self.data / "local.token").read_text().strip()

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Of the gateway, as its owner. Raises NoAnswer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await call(method, self.director.gateway.url + path, body, headers=headers)

    async def get(self, path: str) -> Any:
        return await self.ending.get(path)

    async def text(self, path: str) -> str:
        """A page or the metrics of the gateway."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(self.director.gateway.url + path, headers=headers)
        return answer.text

    async def control(self, method: str, path: str, body: Any = None) -> Answer:
        """Of the director, as the pages of the demo do. Raises NoAnswer."""
        headers = {"Authorization": f"Bearer {self.director.token}"}
        return await call(method, self.director.url + path, body, headers=headers)

    async def breaks(self, what: str, mode: str, **how: Any) -> Broken:
        """Until it is whole again and the gateway works with it."""
        return await self.director.break_it(self.director.things[what], mode, **how)


@asynccontextmanager
async def warehouse(
    folder: Path,
    *,
    orders: int = 0,
    seed: int = 7,
    speed: float = 20.0,
    only: Collection[str] | None = None,
    start: bool = True,
    config: Path = CONFIG,
) -> AsyncIterator[Warehouse]:
    """Everything runs; without `start` all but the gateway. `only`: as for `Launch`; `config`: a
    copy of the demo site that the test may edit."""
    data, port = folder / "gateway", free_port()
    data.mkdir(parents=True)
    staff = await gateway_says("people", "token", "staff", "--data", str(data))
    url = f"http://{ONE_HOST}:{port}"
    launch = Launch(
        config,
        folder,
        seed=seed,
        speed=speed,
        orders=orders,
        gateway_url=url,
        token=staff.strip(),
        only=only,
    )
    async with launch as sims:
        command = gateway_command(data, port, "--overlay", str(sims.overlay), config=config)
        async with Director(sims, command, sims.secrets) as director:
            if start:
                await director.gateway.start()
            yield Warehouse(sims, director, Ending(director, data), data)


def gateway_command(data: Path, port: int, *more: str, config: Path = CONFIG) -> tuple[str, ...]:
    run = ("run", str(config), "--data", str(data), "--port", str(port))
    return (sys.executable, "-m", "gateway", *run, *more)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind((ONE_HOST, 0))
        port: int = sock.getsockname()[1]
        return port


async def until(
    look: Callable[[], Awaitable[T | None]], within_s: float, what: str, every_s: float = 0.02
) -> T:
    """The first thing that is found; a look that nobody answers found nothing."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                try:
                    if found := await look():
                        return found
                except NoAnswer:
                    pass
                await asyncio.sleep(every_s)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:g} s: {what}") from None
