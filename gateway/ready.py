"""Before a shift: everything that can be looked at is looked at, each line good or with its remedy.

What only a person can see (lamps, a scan at each scanner) counts for ten minutes.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final, Literal

from devices.links import Links
from devices.live import Live
from devices.map.schema import LightZone, Printer, Scale, Scanner
from devices.tags.value import Value
from gateway.feed import Feed, Told
from gateway.lampwalk import LampWalk
from gateway.settings import Settings
from gateway.views.devices import devices
from sync import reading
from wcs.model import Carton, Errand
from wcs.names import DeviceId
from wcs.observations import LampAnswered, LightPressed, Scanned
from wcs.readylines import ReadyLine

FRESH: Final = timedelta(minutes=10)
ZERO_FRESH: Final = timedelta(seconds=5)
FREE_DAYS: Final = 7.0
HEADROOM: Final = 10_000
JUMP_S: Final = 0.5
MAX_ERROR_S: Final = 1.0
ON_THE_WAY: Final = ("picking", "picked", "riding", "moving", "hospital")
State = Literal["good", "bad", "skipped"]


@dataclass(frozen=True, slots=True)
class World:
    """What of the running service is looked at."""

    settings: Callable[[], Settings]
    links: Links
    live: Live
    feed: Feed
    reader: Callable[[], sqlite3.Connection]
    now: Callable[[], datetime]
    clock_off_s: Callable[[], float]
    """How far the wall clock has jumped away from ours."""
    clock_error_s: Callable[[], float | None]
    """How far it may be off from the world's; infinite when nothing keeps it in step."""
    days_left: Callable[[], float | None]
    hosts_down: Callable[[], Mapping[str, str]]


@dataclass
class Ready:
    """`run` is a task of the service: it hears scans and lamps."""

    world: World
    lamps: LampWalk
    scans: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        while True:
            with self.world.feed.listen() as listener:
                async for told in listener:
                    self.hear(told)

    def hear(self, told: Told) -> None:
        match told.observation:
            case Scanned(scanner=scanner, at=at, by=None):
                self.scans[scanner] = at
            case LampAnswered() as said:
                self.lamps.heard(said)
            case LightPressed() as pressed:
                self.lamps.pressed(pressed)
            case _:
                pass

    def lines(self) -> tuple[ReadyLine, ...]:
        """Reads the database and the disk: not for the loop."""
        with closing(self.world.reader()) as conn:
            return tuple(self._lines(conn))

    def _lines(self, conn: sqlite3.Connection) -> Iterator[ReadyLine]:
        settings = self.world.settings()
        rows = devices(
            conn, settings.map, frozenset(self.world.links), self.world.live, settings.site.mode
        )
        yield from map(_connected, rows)
        up = {row["id"] for row in rows if row["health"] == "up"}
        for name, config in settings.map.devices.items():
            match config:
                case LightZone():
                    yield self._lamps_of(name, name in up)
                    yield from self._keys_of(name)
                case Scanner(tunnel=None):  # a head is proved by what its tunnel reads
                    yield self._scanned(name)
                case Printer():
                    yield self._paper(name, name in up)
                case Scale():
                    shown = self.world.live.of(DeviceId(name)) if name in up else {}
                    yield zero(name, shown, config.zero_within_g, self.world.now())
                case _:
                    pass
        yield self._clock()
        yield _cartons(conn)
        yield _errands(conn)
        yield self._disk()
        yield from self._outbox(conn)

    def _lamps_of(self, name: str, up: bool) -> ReadyLine:
        line = _line("lamps and colours", name)
        walk, word = self.lamps.walks.get(name), self.lamps.words.get(name)
        if not up:
            return line("skipped", "not connected")
        if walk is None or self._is_old(walk.at):
            return line(
                "skipped", "needs a person", "walk the lamps on /ready and say what you saw"
            )
        if walk.silent:
            what = f"no answer from {', '.join(walk.silent)}"
            return line("bad", what, "look at their plugs, then walk again")
        if word is None:
            return line(
                "skipped",
                f"{walk.colour}: {len(walk.answered)} answered; nobody has said what they saw",
                "say it on /ready",
            )
        if not word.good:
            return line(
                "bad", f"{word.by} saw: {word.text or 'something wrong'}", "change the lamp"
            )
        left = f", {len(walk.in_use)} in use left alone" if walk.in_use else ""
        return line("good", f"{walk.colour}: {len(walk.answered)} lit, seen by {word.by}{left}")

    def _keys_of(self, name: str) -> Iterator[ReadyLine]:
        """Only where somebody has begun to press them."""
        keys, line = self.lamps.keys.get(name), _line("lamp keys", name)
        if keys is None or self._is_old(keys.at):
            return
        if keys.unpressed:
            what = f"no press from {', '.join(keys.unpressed)}"
            yield line("bad", what, "press them in a new test; a key that is not heard is changed")
        else:
            yield line("good", f"{len(keys.answered)} pressed")

    def _scanned(self, name: str) -> ReadyLine:
        at = self.scans.get(name)
        line = _line("test scan", name)
        if at is None or self._is_old(at):
            return line("skipped", "no scan in the last ten minutes", f"scan anything at {name}")
        return line("good", f"scanned {(self.world.now() - at).total_seconds():.0f} s ago")

    def _paper(self, name: str, up: bool) -> ReadyLine:
        shown = self.world.live.of(DeviceId(name)).get("problem")
        line = _line("printer paper", name)
        if not up or shown is None:
            return line("skipped", "its status is not known", "connect it first")
        if shown.value:
            return line("bad", str(shown.value), f"{shown.value}: put it right, it says so itself")
        return line("good", "has paper and is ready")

    def _clock(self) -> ReadyLine:
        off_s, line = self.world.clock_off_s(), _line("clock")
        if abs(off_s) > JUMP_S:
            return line(
                "bad",
                f"the machine's clock jumped {off_s:+.1f} s away from ours",
                "set its time service right, then restart Wedge between two shifts",
            )
        error_s = self.world.clock_error_s()
        if error_s is None:
            return line("good", "no jumps; this kernel does not say how far it may be off")
        if error_s > MAX_ERROR_S:
            off = "nothing keeps it in step" if error_s == inf else f"it may be {error_s:.0f} s off"
            return line("bad", f"the machine's clock: {off}", "let chrony or timesyncd set it")
        return line("good", f"in step within {error_s * 1000:.0f} ms")

    def _disk(self) -> ReadyLine:
        days, line = self.world.days_left(), _line("disk")
        if days is None:
            return line("good", "too early to say at which rate it fills")
        if days < FREE_DAYS:
            return line("bad", f"full in {days:.1f} days", "make room, or keep the journal shorter")
        return line("good", f"full in {days:.0f} days")

    def _outbox(self, conn: sqlite3.Connection) -> Iterator[ReadyLine]:
        down = self.world.hosts_down()
        for row in reading.outbox_depth(conn):
            line, host = _line("outbox"), row["host"]
            if row["parked"]:
                yield line(
                    "bad",
                    f"{host}: {row['parked']} messages wait for a person",
                    "wedge outbox list --state parked",
                )
            elif host in down:
                yield line(
                    "bad",
                    f"{host} does not answer: {down[host]}",
                    f"{row['waiting']} messages wait for it; look at the host",
                )
            elif row["waiting"] > HEADROOM:
                yield line("bad", f"{host}: {row['waiting']} messages wait", "look at the host")
            else:
                yield line("good", f"{host}: {row['waiting']} wait")

    def _is_old(self, at: datetime) -> bool:
        return self.world.now() - at > FRESH


def zero(name: str, shown: Mapping[str, Value], within_g: float, now: datetime) -> ReadyLine:
    """What an empty scale shows; it is asked about once a second while nothing is weighed."""
    line, weight, problem = _line("scale zero", name), shown.get("weight"), shown.get("problem")
    if problem is None:
        return line("skipped", "not connected", "connect it first")
    if problem.value:
        found, _, remedy = str(problem.value).partition(": ")
        return line("bad", found, remedy or "look at its display")
    if weight is None or now - weight.at > ZERO_FRESH:
        return line("bad", "says no weight", "empty it, wait until it is at rest, look again")
    if abs(float(str(weight.value))) > within_g:
        return line("bad", f"shows {weight.value} g", "empty it, then press zero")
    return line("good", f"shows {weight.value} g")


def _line(check: str, device: str | None = None) -> Callable[..., ReadyLine]:
    def made(state: State, found: str, remedy: str = "") -> ReadyLine:
        id = DeviceId(device) if device else None
        return ReadyLine(check=check, device=id, state=state, found=found, remedy=remedy)

    return made


def _connected(row: Mapping[str, Any]) -> ReadyLine:
    line, id = _line("connected", row["id"]), row["id"]
    if row["mode"] == "off":
        return line("skipped", "switched off", f"wedge device mode {id} automatic")
    if row["health"] != "up":
        return line("bad", row["why"], "look at its power and its line")
    if row["simulated"]:
        return line("bad", "SIMULATED", f"wedge device simulate {id} off")
    if row["mode"] != "automatic":
        return line("bad", f"in {row['mode']}", f"wedge device mode {id} automatic")
    return line("good", "connected")


def _cartons(conn: sqlite3.Connection) -> ReadyLine:
    line = _line("open cartons")
    open_ = [c for state in ON_THE_WAY for c in reading.find(conn, Carton, state=state)]
    late = [carton.lpn for carton in open_ if carton.overdue]
    if late:
        return line(
            "bad",
            f"overdue: {', '.join(late[:5])}{' ...' if late[5:] else ''}",
            "search for them: the count desk has an errand for each",
        )
    return line("good", f"{len(open_)} on the way, none overdue")


def _errands(conn: sqlite3.Connection) -> ReadyLine:
    waiting = reading.count_by(conn, Errand, "kind")
    told = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in waiting.items())
    line = _line("errands")
    if waiting:
        return line("bad", told, "they stand on /work, each at its station")
    return line("good", "none")
