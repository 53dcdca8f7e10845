"""Telemetry wired: what devices are polled goes into the durable queue and from there to the broker
of the site file, in order, and nobody on the floor waits for it."""

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from devices import telemetry_packets as packets
from devices.at_once import until_one_fails
from devices.errors import DeviceError, Refused, Unreachable
from devices.home import placed
from devices.live import Live
from devices.map.schema import Mqtt
from devices.supervise import waits
from devices.tags.value import Round
from devices.telemetry import Forms, state
from devices.telemetry_line import PublishingLine, publishing
from gateway.settings import Settings, SettingsError
from gateway.sitefile import TelemetryConfig
from sync.telemetry import Limits, Message, TelemetryBroken, TelemetryQueue
from wcs.names import DeviceId

NAME: Final = "telemetry"
FILE: Final = "telemetry.db"
AT_ONCE: Final = 64
"""Messages in one write to the broker."""
FIRST_S, MAX_S = 0.05, 0.5
"""A broker that is back has the first data within a second."""
ALARM: Final = timedelta(minutes=10)
"""So long after the last loss it is an alarm."""
STATES_S: Final = 0.2
"""Asked states are said so often at most, each device once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Topics:
    """`<prefix>/<site>/tags/<device>`, and `state/<device>` when somebody asks for it on
    `state/<device>/get`."""

    base: str

    def tags(self, device: str) -> str:
        return f"{self.base}/tags/{device}"

    def state(self, device: str) -> str:
        return f"{self.base}/state/{device}"

    @property
    def requests(self) -> str:
        return f"{self.base}/state/+/get"

    def asked(self, topic: str) -> DeviceId:
        return DeviceId(topic.removeprefix(f"{self.base}/state/").removesuffix("/get"))


class Telemetry:
    """`polled` is told every answered poll; `run` lives as long as the gateway."""

    def __init__(
        self,
        config: TelemetryConfig,
        connection: Callable[[], Mqtt | None],
        data: Path,
        live: Live,
        now: Callable[[], datetime],
        simulated: Callable[[DeviceId], bool],
    ) -> None:
        """Opens the queue's file. Raises SettingsError."""
        self._config, self._connection = config, connection
        self._live, self._now, self._simulated = live, now, simulated
        self.queue = _queue(config, data / FILE, now)
        self.topics = Topics(f"{config.prefix}/{config.site}")
        self.refused: Counter[str] = Counter()
        """Device -> messages that were too large to be published."""
        self._forms = Forms(simulated)
        self._names: dict[str, bytes] = {}
        self._wanted: dict[DeviceId, None] = {}
        self._asked = asyncio.Event()
        self._away = "no line to the broker yet"
        self._first: Message | None = None
        """Of this session."""
        self._lost_before, self._lost_at = self.lost, now() - ALARM

    # --- in ---

    def polled(self, device: DeviceId, told: Round) -> None:
        """Does not wait and does not raise: a poll is worth more than what is told of it."""
        seq = self.queue.number(device)
        try:
            body = self._forms.message(device, seq, told)
        except Exception:
            self._refuse(device, "cannot be put in words")
            log.exception("%s: a poll cannot be put in words", device)
            return
        if len(body) > self._config.largest:
            self._refuse(
                device, f"{len(body)} bytes; the site file allows {self._config.largest:g}"
            )
        else:
            self.queue.put(device, seq, body)

    def _refuse(self, device: str, why: str) -> None:
        if device not in self.refused:
            log.error("telemetry of %s dropped on %s: %s", device, self.topics.tags(device), why)
        self.refused[device] += 1

    # --- what is said of it ---

    @property
    def lost(self) -> int:
        """Messages that nobody will get."""
        return self.queue.lost.total() + self.refused.total()

    def trouble(self) -> dict[str, str]:
        """Why readers miss something, for a person; empty while all is well."""
        why = [self.queue.failure, self._away, self._losses()]
        told = "; ".join(one for one in why if one)
        return {NAME: told} if told else {}

    def _losses(self) -> str:
        if (lost := self.lost) != self._lost_before:
            self._lost_before, self._lost_at = lost, self._now()
        if self._now() - self._lost_at >= ALARM:
            return ""
        topics = ", ".join(self.topics.tags(one) for one in [*self.queue.lost, *self.refused][:3])
        return f"{lost} messages lost so far, of {topics}"

    # --- out ---

    async def run(self) -> None:
        """For ever. A fault of ours ends telemetry, and nothing else: it is an alarm."""
        try:
            await until_one_fails(self.queue.run(), self._deliver())
        except Exception as bug:
            self._away = f"a fault of ours, nothing more is published: {bug!r}; restart Wedge"
            log.exception("telemetry: %s", self._away)

    async def close(self) -> None:
        await self.queue.close()

    async def _deliver(self) -> None:
        delays = waits(FIRST_S, MAX_S)
        while True:
            before = self.queue.done
            try:
                await self._session()
            except DeviceError as err:
                self._is_away(err)
            if self.queue.done > before:
                delays = waits(FIRST_S, MAX_S)
            await asyncio.sleep(next(delays))

    def _is_away(self, err: DeviceError) -> None:
        if err.problem != self._away:
            log.warning("%s; what is polled is kept", err)
        self._away = err.problem

    async def _session(self) -> None:
        config = self._connection()
        if config is None:
            raise Refused(NAME, f"connection {self._config.connection} is no broker any more")
        before = self.queue.done
        async with publishing(
            NAME, config, has=self.queue.is_done, listen=self.topics.requests, asked=self._ask
        ) as line:
            log.info("telemetry is published to %s:%d", config.host, config.port)
            self._away = ""
            try:
                await until_one_fails(
                    line.run(config.keepalive_s), self._publish(line), self._say_states(line)
                )
            except Unreachable as err:
                if self.queue.done == before and self._first is not None:
                    raise self._blamed(self._first, err) from err
                raise

    def _blamed(self, first: Message, err: Unreachable) -> Unreachable:
        """A broker that takes nothing may not take the first one, whatever comes behind it."""
        where, size = self.topics.tags(first.device), len(first.body)
        told = f"{err.problem} before it took the first message ({size} bytes on {where})"
        return Unreachable(NAME, told, hint="does it take that topic, and messages of that size?")

    async def _publish(self, line: PublishingLine) -> None:
        """In order, from the first that the broker has not."""
        sent, self._first = self.queue.done, None
        while True:
            room = await line.room()
            found = await self._after(sent, min(room, AT_ONCE))
            self._first = self._first or found[0]
            line.send([(one.id, self._topic(one.device), one.body) for one in found])
            sent = found[-1].id

    async def _after(self, sent: int, at_most: int) -> list[Message]:
        try:
            return await self.queue.after(sent, at_most)
        except sqlite3.Error as err:
            raise Unreachable(NAME, f"{FILE} cannot be read: {err}") from err

    def _topic(self, device: str) -> bytes:
        name = self._names.get(device)
        if name is None:
            name = self._names[device] = packets.text(self.topics.tags(device))
        return name

    # --- last states ------------------------------------------------------------------------------

    def _ask(self, topic: str) -> None:
        """Somebody wants the state of a device; devices that are not ours have none."""
        device = self.topics.asked(topic)
        if self._live.of(device):
            self._wanted[device] = None
            self._asked.set()

    async def _say_states(self, line: PublishingLine) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            wanted, self._wanted = self._wanted, {}
            for device in wanted:
                known, simulated = self._live.of(device), self._simulated(device)
                body = state(device, self._now(), known, simulated=simulated)
                line.keep(packets.text(self.topics.state(device)), body)
            await asyncio.sleep(STATES_S)


def telemetry(
    settings: Callable[[], Settings],
    data: Path,
    live: Live,
    now: Callable[[], datetime],
    simulated: Callable[[DeviceId], bool],
) -> Telemetry | None:
    """Where the site file wants it: from now on it is told of every poll. Raises SettingsError."""
    config = settings().telemetry
    if config is None:
        return None

    def broker() -> Mqtt | None:
        found = settings().map.connections.get(config.connection)
        return placed(found, data) if isinstance(found, Mqtt) else None

    made = Telemetry(config, broker, data, live, now, simulated)
    live.polled = made.polled
    return made


def _queue(config: TelemetryConfig, path: Path, now: Callable[[], datetime]) -> TelemetryQueue:
    """A file that is not one is laid aside: what is polled from now on is worth keeping."""
    limits, always = Limits(round(config.size), config.age_s), config.disk == "always"
    try:
        return TelemetryQueue(path, limits, now, always=always)
    except sqlite3.OperationalError as err:
        raise SettingsError([f"{path}: telemetry cannot be kept: {err}"]) from err
    except (TelemetryBroken, sqlite3.DatabaseError) as err:
        aside = path.with_name(f"{path.name}.broken")
        log.error("telemetry: %s: laid aside as %s, a new one is begun", err, aside.name)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        path.replace(aside)
        return TelemetryQueue(path, limits, now, always=always)
