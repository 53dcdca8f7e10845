"""The service put together: every part made once, here, and every task in one group.

Devices, people, hosts and timers put observations into the inbox; `Control` decides them in the
store; devices get commands, hosts messages, pages what was told.
"""

import asyncio
import gc
import json
import logging
import signal
import socket
import sys
from collections.abc import Coroutine, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from devices.boots import BootsInFile, BootsInMemory
from devices.device import Driver
from devices.drivers import driver
from devices.home import placed
from devices.links import Links
from devices.live import Live
from devices.map.check import check
from devices.map.schema import DeviceMap
from devices.plant import Effective, Plant
from devices.trial import trial
from gateway import exposure, settings
from gateway.auth import TOKEN, Auth, write_private
from gateway.beat import Beat
from gateway.clock import GatewayClock
from gateway.context import Gateway
from gateway.controller import Control
from gateway.feed import Feed
from gateway.hosts import Hosts, routes
from gateway.inbox import Asked, Busy, Inbox
from gateway.lampwalk import LampWalk
from gateway.loading import carry_out, planned
from gateway.planner import Planner
from gateway.plant import Equipment
from gateway.ready import Ready, World
from gateway.refusing import Refusing
from gateway.release import RELEASE
from gateway.reload import BadFiles, Files, NotTaken, Reload
from gateway.reports import DATABASE, RUNNING
from gateway.routing.process import Computing
from gateway.secretfile import secrets_for
from gateway.server import Server
from gateway.settings import Settings, SettingsError
from gateway.simulating import Simulators
from gateway.stats import Stats
from gateway.telemetry import telemetry
from gateway.ticks import keep_time, tick
from gateway.timekeeping import clock_error_s
from sync import outbox, reading
from sync.inbound import Heard
from sync.keep import days_left, keep_house
from sync.store import Store, StoreFailed
from wcs.decide import rule
from wcs.envelope import Answer, Seen
from wcs.names import DeviceId
from wcs.observations import Observation, SiteChanged
from wcs.site import Site
from wcs.walking import warm

log = logging.getLogger(__name__)
SWITCH_S = 0.0005
"""A busy thread beside the loop must not hold it for Python's default 5 ms."""
BY, SIGHUP = "local", "SIGHUP"
PATHS = 8
"""Questions of people about paths that may wait; the rules' own plans are not behind them."""
BOOTS = "boots.json"
SIMULATED = "simulated"
TRIED_S = 15.0
"""How long a replaced unit may take to say its first word; a hand scanner wants a scan."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one gateway runs: its site, its data, its address."""

    config: Path
    data: Path
    overlay: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    cert: Path | None = None
    key: Path | None = None


class Service:
    """Everything that lives as long as the gateway; `run` ends when the web server is told to."""

    def __init__(self, place: Place, known: Settings, store: Store, auth: Auth) -> None:
        self._place, self._settings, self._store = place, known, store
        self.clock = GatewayClock()
        self.inbox, self.feed, self.beat, self.live = Inbox(), Feed(), Beat(), Live()
        self.links = Links(self.inbox.put, self.clock)
        self.control = Control(self.inbox, store, self.links, self.beat, self.feed, self.clock)
        self._secrets = secrets_for(known, place.data)
        self.hosts = Hosts(known, self._secrets, store, self._tell, self.clock.now)
        self.auth = auth
        self._paths = Computing(known.site.layout)
        self._boots = BootsInFile(place.data / BOOTS)
        self._plant = Plant(self._driver, self.links, self.inbox.put, self.clock, self.live)
        self._simulators = Simulators(place.config, place.data / SIMULATED)
        self.equipment = Equipment(
            lambda: self._settings,
            self._plant,
            store.reader,
            self.inbox.ask,
            self.clock.now,
            self._tried,
            self._simulators,
        )
        self.reload = Reload(
            Files(place.config, place.overlay),
            lambda: self._settings,
            self._take,
            self.equipment,
            self.inbox.ask,
            self.clock.now,
        )
        self._refusing = Refusing(self.inbox.put, self.clock.now)
        self.live.refused = self._refusing.told
        self.telemetry = telemetry(  # before the first device is opened: it hears of every poll
            lambda: self._settings,
            place.data,
            self.live,
            self.clock.now,
            self.equipment.is_simulated,
        )
        self.readiness = self._readiness()

    def _readiness(self) -> Ready:
        world = World(
            settings=lambda: self._settings,
            links=self.links,
            live=self.live,
            feed=self.feed,
            reader=self._store.reader,
            now=self.clock.now,
            clock_off_s=lambda: self.clock.ahead_s,
            clock_error_s=clock_error_s,
            days_left=lambda: days_left(self._store, self.clock.now()),
            hosts_down=self.hosts.down,
        )
        walk = LampWalk(lambda: self._settings.map, self.links, self._store.reader, self.clock.now)
        return Ready(world, walk)

    async def run(self, sock: socket.socket) -> None:
        """Raises StoreFailed when nothing can be written any more."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.control.run())]
            await self._begin()
            await self.equipment.refresh()
            tasks += [group.create_task(work) for work in self._works()]
            server = self._server()  # its libraries take a second: the floor does not wait for it
            gc.freeze()  # what lives as long as the service is never looked through again
            await server.serve([sock])
            for task in tasks:
                task.cancel()

    def _works(self) -> list[Coroutine[Any, Any, None]]:
        works: list[Coroutine[Any, Any, None]] = [
            self.links.run(),
            tick(self._store, self.inbox, self.clock),
            keep_time(self.clock),
            Planner(self.feed, self.inbox, self.clock, Computing(self._settings.site.layout)).run(),
            self._paths.run(),
            self._wake_relays(),
            keep_house(self._store, self.clock.now),
        ]
        works += [relay.run() for relay in self.hosts.relays.values()]
        works += self.hosts.polls(self._hear)
        hung_up = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.set)
        works += [self._plant.run(), self.equipment.watch_simulators(), self._reload_on(hung_up)]
        works += [self.readiness.run(), self._refusing.run()]
        works += [self.telemetry.run()] if self.telemetry else []
        return works

    def _take(self, fresh: Settings) -> None:
        if fresh.site.layout != self._settings.site.layout:
            self._paths.adopt(fresh.site.layout)
        self._settings = fresh

    async def _reload_on(self, hung_up: asyncio.Event) -> None:
        """For each SIGHUP; what is wrong with the files is in the log."""
        while True:
            await hung_up.wait()
            hung_up.clear()
            try:
                await self.reload(SIGHUP)
            except (BadFiles, NotTaken, OSError) as err:
                log.error("files not reloaded, what runs goes on as it was:\n%s", err)

    def _driver(self, id: DeviceId, how: Effective) -> Driver:
        return driver(
            id,
            how.config,
            placed(how.connection, self._place.data),
            clock=self.clock,
            beat=lambda: self.beat.count,
            live=self.live,
            boots=self._boots,
            mode=how.mode,
        )

    async def _tried(self, id: DeviceId, how: Effective) -> str:
        """In a world of its own: nothing that it says there is remembered."""
        live = Live()
        tried = driver(
            id,
            how.config,
            placed(how.connection, self._place.data),
            clock=self.clock,
            beat=lambda: 0,
            live=live,
            boots=BootsInMemory(),
            mode=how.mode,
        )
        return await trial(tried, live, TRIED_S)

    async def _begin(self) -> None:
        """The site, its items and its opening stock, as far as they are new."""
        now = self.clock.now()
        await self._store.work(lambda db: outbox.recover(db, now))
        with closing(self._store.reader()) as conn:
            known = reading.get(conn, Site, "site")
            plan = planned(
                self._settings, self._settings.items, self._settings.stock, conn, BY, now
            )
        await self._store.work(lambda db: warm(self._settings.site))  # the rules' own thread
        if known != self._settings.site:
            await self._ask(SiteChanged(site=self._settings.site, by=BY, at=now), None)
        for refused in await carry_out(plan, self._ask):
            log.warning("not loaded: %s", refused)

    async def _ask(
        self,
        observation: Observation,
        key: str | None,
        raw: str = "",
        private: Mapping[str, str] | None = None,
    ) -> Answer:
        """Waits for room and for the answer."""
        asked = Asked()
        await self.inbox.put(Seen(observation, asked, key, raw, private or {}))
        return await asked.answer

    async def _tell(self, observation: Observation, key: str) -> None:
        await self._ask(observation, key)

    async def _hear(self, heard: Heard) -> None:
        await self._ask(heard.observation, heard.key, f"poll {heard.key}", heard.private)

    async def _path(self, question: str) -> dict[str, Any]:
        if self._paths.waiting >= PATHS:
            raise Busy(1)
        return await self._paths.ask({"path": question})

    async def _wake_relays(self) -> None:
        route = routes(self._settings)
        while True:
            with self.feed.listen() as listener:
                async for told in listener:
                    self.hosts.wake(m.host for _, event in told.events for m in route(event))

    async def _retry(self, row: str, by: str) -> bool:
        now = self.clock.now()
        again = await self._store.work(lambda db: outbox.retry(db, row, now, by))
        for relay in self.hosts.relays.values():
            relay.wake()
        return again

    def _server(self) -> Server:
        from gateway.web.app import make_app

        config = uvicorn.Config(
            make_app(self._gateway()),
            loop="none",
            http="httptools",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
            ssl_certfile=self._place.cert,
            ssl_keyfile=self._place.key,
            server_header=False,
        )
        return Server(config)

    def _gateway(self) -> Gateway:
        return Gateway(
            known=lambda: self._settings,
            auth=self.auth,
            live=self.live,
            now=self.clock.now,
            ask=self.inbox.ask,
            path=self._path,
            reader=self._store.reader,
            connected=lambda: frozenset(self.links),
            hosts_down=self.hosts.down,
            secrets=self._secrets,
            stats=Stats(self.control, self.inbox),
            retry=self._retry,
            trouble=lambda: str(self._store.failure) if self._store.failure else None,
            days_left=lambda: days_left(self._store, self.clock.now()),
            equipment=self.equipment,
            reload=self.reload,
            readiness=self.readiness,
            telemetry=self.telemetry,
            data=self._place.data,
        )

    async def close(self) -> None:
        await self.equipment.close()
        await self.hosts.close()
        if self.telemetry:
            await self.telemetry.close()


def serve(place: Place) -> None:
    """Runs until SIGINT or SIGTERM. Raises SettingsError, MapErrors, CsvErrors, AuthError,
    StoreError or OSError, each in words, before the first device is touched."""
    known = settings.load(place.config, place.overlay)
    _refuse_wrong(known.map)
    place.data.mkdir(parents=True, exist_ok=True)
    auth = Auth(place.data, lambda: datetime.now(UTC))
    exposure.refuse_exposed(place.host, place.cert, place.key, auth)
    sock = exposure.listen(place.host, place.port)
    sys.setswitchinterval(SWITCH_S)
    path = place.data / DATABASE
    with Store.open(path, decide=rule, mapping=routes(known), release=RELEASE) as store:
        uvloop.run(_serve(place, known, store, auth, sock))


def _refuse_wrong(device_map: DeviceMap) -> None:
    wrong = [
        f"{finding.place}: {finding.code}: {finding.text} ({finding.hint})"
        for finding in check(device_map)
        if finding.level == "error"
    ]
    if wrong:
        raise SettingsError(wrong)


def _welcome(url: str, data: Path, auth: Auth) -> str:
    """The token is for the person at the keyboard, not for a log file."""
    if sys.stdout.isatty():
        return f"open {url}/enter?token={auth.local_token}"
    return f"open {url} (the token is in {data / TOKEN})"


async def _serve(
    place: Place, known: Settings, store: Store, auth: Auth, sock: socket.socket
) -> None:
    service = Service(place, known, store, auth)
    scheme = "https" if place.cert else "http"
    url = f"{scheme}://{place.host}:{sock.getsockname()[1]}"
    write_private(place.data / RUNNING, json.dumps({"url": url}))
    log.info("Wedge runs %s on %s", known.site.name, url)
    print(_welcome(url, place.data, auth), flush=True)
    try:
        await service.run(sock)
    except* StoreFailed as failed:
        raise failed.exceptions[0] from None
    finally:
        (place.data / RUNNING).unlink(missing_ok=True)
        await service.close()
