"""Starts and watches all simulators of a site, and says where they are: the overlay.

async with Launch(Path("config/demo"), run, seed=7, speed=20, orders=50,
                  gateway_url="http://127.0.0.1:8100", token=people_token) as sims:
    ...  # sims.overlay is the file for `wedge run --overlay`
    await sims.kill("sorter1")
    await sims.start("sorter1")  # on the same port
"""

import asyncio
import json
import os
import secrets
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from devices.map.load import load_map
from simulators.child import Address, Child, NotReady, Program
from simulators.free_port import free_port
from simulators.process import LOOPBACK, HostPort
from simulators.programs import (
    BROKER,
    HOSTS,
    PEOPLE,
    WORLD,
    Run,
    device_programs,
    first_programs,
    people_program,
    unplayed,
)
from simulators.spawn import Nursery, spawn

HOST_SECRETS = ("SHOP_SECRET", "ERP_TOKEN", "CARRIER_TOKEN")
CONTROL_TOKEN = "CONTROL_TOKEN"
HEAVY = ("simulators.opcua_merge",)
"""What imports so much of its own that it does not wait for the nursery."""


class Launch:
    """All simulators of a map as child processes; none outlives this one, however it ends.

    only: ids to start, of devices and of `world`, `broker`, `shop`, `erp`, `carrier`, `people`;
    None: all. A second launch in the same run folder finds hosts and broker as they were.
    Entering raises NotReady when one does not start, and ends those that did.
    """

    def __init__(
        self,
        map_folder: Path,
        run_folder: Path,
        seed: int = 7,
        speed: float = 1.0,
        orders: int = 0,
        gateway_url: str = "http://127.0.0.1:8100",
        token: str = "",
        only: Collection[str] | None = None,
        pace: float = 1.0,
    ) -> None:
        self.run = Run(map_folder, run_folder, seed, speed, orders, gateway_url, pace)
        self.overlay = run_folder / "overlay.json"
        self.children: dict[str, Child] = {}
        self.secrets: dict[str, str] = {}
        self.devices = load_map(map_folder)
        self._token, self._only, self._logs = token, only, run_folder / "logs"
        self.unplayed = unplayed(self.devices, only)
        """Devices without a simulator here, and why."""
        self._stack = ExitStack()

    async def __aenter__(self) -> "Launch":
        self._prepare()
        try:
            await self._start_all()
        except ExceptionGroup as failed:
            await self._end_all()
            raise _first(failed) from failed
        except BaseException:
            await self._end_all()
            raise
        self.write_overlay()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end_all()

    # --- one of them -----------------------------------------------------------------------------

    async def start(self, id: str) -> Address:
        """On its old port. Raises KeyError for an id that was not launched, NotReady."""
        return await self.children[id].start()

    async def stop(self, id: str) -> None:
        await self.children[id].stop()

    async def kill(self, id: str) -> None:
        """Like a power cut: nothing is said any more."""
        await self.children[id].kill()

    async def restart(self, id: str) -> Address:
        return await self.children[id].restart()

    def address(self, id: str) -> Address:
        return self.children[id].address

    def status(self) -> dict[str, str]:
        """`running` or `down`, by id."""
        return {id: "running" if one.running else "down" for id, one in self.children.items()}

    # --- the overlay -----------------------------------------------------------------------------

    def write_overlay(self, **control: str) -> None:
        """The file for the gateway; `control` and `control_token` are added by who serves them."""
        simulated = {"speed": self.run.speed, "seed": self.run.seed, **control}
        content: dict[str, Any] = {
            "connections": self._connections(),
            "hosts": {id: self.address(id) for id in HOSTS if id in self.children},
            "simulated": simulated,
        }
        if self.run.stock.exists():
            content["stock"] = str(self.run.stock)
        _write_private(self.overlay, json.dumps(content, indent=2))

    def _connections(self) -> dict[str, Any]:
        devices = self.devices.devices
        return {
            devices[id].connection: child.address
            for id, child in self.children.items()
            if id in devices
        }

    # --- all of them -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        folder = self.run.folder
        for part in (folder, folder / "state", self._logs):
            part.mkdir(parents=True, exist_ok=True)
        if (stock := self.run.map / "stock.csv").exists() or self._wanted(WORLD):
            self.run.stock.write_bytes(stock.read_bytes())
        self.secrets = _kept_secrets(folder / "secrets.json")

    async def _start_all(self) -> None:
        """All at once: who needs the world or the broker tries until they listen."""
        self._nursery = self._stack.enter_context(Nursery(self._logs / "nursery.log"))
        async with asyncio.TaskGroup() as starting:
            for program in self._programs():
                starting.create_task(self._born(program).start())

    def _born(self, program: Program) -> Child:
        alone = program.module in HEAVY
        child = Child(program, self._logs, spawn if alone else self._nursery)
        self.children[program.id] = child
        return child

    async def employ(self, token: str) -> None:
        """The staff comes when there is a token for it: for a launch that had none."""
        world = self.address(WORLD)
        at = HostPort(str(world["host"]), int(str(world["port"])))
        await self._born(people_program(self.run, at, token)).start()

    def _programs(self) -> list[Program]:
        """The slowest first."""
        if self._only is not None and self.unplayed:
            raise NotReady("; ".join(self.unplayed.values()))
        known = (*self.devices.devices, WORLD, BROKER, PEOPLE, *HOSTS)
        if strangers := [id for id in self._only or () if id not in known]:
            raise NotReady(f"{', '.join(strangers)}: not in the map, which has {', '.join(known)}")
        world, broker = HostPort(LOOPBACK, free_port()), HostPort(LOOPBACK, free_port())
        found = [
            *first_programs(self.run, self.secrets, world, broker),
            *device_programs(self.run, self.devices, world, broker, self._only),
        ]
        if self._token:
            found.append(people_program(self.run, world, self._token))
        wanted = [one for one in found if self._wanted(one.id)]
        return sorted(wanted, key=lambda one: one.module not in HEAVY)

    def _wanted(self, id: str) -> bool:
        return self._only is None or id in self._only

    async def _end_all(self) -> None:
        await asyncio.gather(*(child.stop() for child in self.children.values()))
        self._stack.close()


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    one = failed.exceptions[0]
    return _first(one) if isinstance(one, BaseExceptionGroup) else one


def _kept_secrets(path: Path) -> dict[str, str]:
    """Made once per run folder, so that a second start of the same run still fits together."""
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    names = (*HOST_SECRETS, CONTROL_TOKEN)
    made = {name: known.get(name) or secrets.token_urlsafe(24) for name in names}
    _write_private(path, json.dumps(made, indent=2))
    return made


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
