"""One open Modbus line and everybody on it: one request in flight, orders ahead of polls, units
that answer ahead of units that do not.

A unit that falls silent loses its own sessions. It is asked again now and then, briefly, when
nobody else waits. The line itself is dead when it drops, or when nobody on it answers any more.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Any, Final, Protocol

from devices.errors import DeviceError, Unreachable
from devices.tags.health import Health
from devices.tags.pdu import BUSY, NO_PATH, Request, read, told
from devices.tags.port import Denied, NoReply, TooLate
from devices.tags.wire import Broken, Silence, Wire

IDLE_S: Final = 3600.0
GRAIN_S: Final = 0.001
"""The loop's timers are no finer: what is due so soon is done now, not after an empty turn."""
STARVED_S: Final = 1.0
"""A unit in doubt gets a turn after so long, however busy the others keep the line."""
POLITE_S: Final = 0.1
"""A unit that says it is busy is not polled for so long, longer each time up to ten times this."""

SUSPECTS: Final = 15
"""Unanswered reads of a serial unit whose replies may still come. One that is later is given up."""

Work = Callable[[], Awaitable[Any]]


class User(Protocol):
    """A device's tags on the line."""

    def ended(self, problem: str) -> None:
        """Its unit does not answer, or the line is dead."""


@dataclass(slots=True)
class Unit:
    number: int
    health: Health
    users: set[User] = field(default_factory=set)
    suspects: list[Request] = field(default_factory=list)
    """Reads whose late replies could be taken for those of another read."""
    busy: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class Turn:
    """Something that is done every so often, on a schedule that does not drift."""

    unit: Unit
    every_s: float
    work: Work
    due: float = 0.0
    gone: bool = False

    def after(self, due: float) -> float:
        """On a grid of a tenth of the period: devices that are due together cost one turn of the
        loop, and a burst is no longer than what started together."""
        grid = self.every_s / 10
        return round(due / grid) * grid


@dataclass(slots=True)
class _Job:
    unit: Unit
    work: Work
    done: asyncio.Future[Any]


class Bus:
    """`run` is the one task that uses the wire; `order` and `every` may be called by anybody.

    timeout_s: the map's, nothing waits longer. misses: so many requests in a row without an answer,
    and a unit is silent.
    """

    def __init__(self, wire: Wire, timeout_s: float, misses: int) -> None:
        self._wire, self._timeout_s, self._misses = wire, timeout_s, misses
        self._loop = asyncio.get_running_loop()
        self._units: dict[int, Unit] = {}
        self._orders: tuple[deque[_Job], deque[_Job]] = (deque(), deque())
        self._turns: tuple[list[tuple[float, int, Turn]], ...] = ([], [])
        """Heaps by due time: those of units that answer, those of units in doubt."""
        self._ties = count()
        self._sleeping: asyncio.Future[None] | None = None
        self._here = 0
        self._in_row = 0
        self._unheard: set[int] = set()
        self._doubt_since: float | None = None
        self._dead: str | None = None
        self.overruns: defaultdict[int, int] = defaultdict(int)
        """By unit: polls that were skipped because their time had passed."""
        wire.late, wire.dropped = self._late, self._wake

    # --- who is on it ---

    def join(self, number: int, user: User) -> Unit:
        unit = self._units.get(number)
        if unit is None:
            unit = self._units[number] = Unit(number, Health(self._timeout_s, self._misses))
        self._here += not unit.users
        unit.users.add(user)
        if self._dead is not None:
            user.ended(self._dead)
        return unit

    def leave(self, unit: Unit, user: User) -> None:
        unit.users.discard(user)
        self._here -= not unit.users

    @property
    def dead(self) -> bool:
        return self._dead is not None

    async def admitted(self, unit: Unit) -> None:
        """A silent unit is asked at most once per back-off, whoever wants it."""
        left_s = unit.health.probe_at - self._loop.time()
        if unit.health.silent and left_s > 0:
            await asyncio.sleep(left_s)

    # --- what they want ---

    async def order(self, unit: Unit, work: Work) -> Any:
        """Ahead of all polls. Raises what `work` raises, Unreachable when the line is dead."""
        if self._dead is not None:
            raise Unreachable(f"unit {unit.number}", self._dead)
        job = _Job(unit, work, self._loop.create_future())
        self._orders[unit.health.doubtful].append(job)
        self._wake()
        return await job.done

    def every(self, turn: Turn) -> None:
        self._push(turn)
        self._wake()

    # --- what a turn or an order does with the wire ---

    async def ask(self, unit: Unit, request: Request, who: str) -> bytes:
        """The data of the reply. Raises NoReply, Denied, Unreachable. Only for the running
        task."""
        if unit.suspects:
            await self._in_step(unit, who)
        return await self._asked(unit, request, who)

    async def _asked(self, unit: Unit, request: Request, who: str) -> bytes:
        began = self._loop.time()
        try:
            reply = await self._wire.ask(unit.number, request, self._window_s(unit))
        except Silence as err:
            self._unanswered(unit, request)
            await self._wire.quiet()
            raise NoReply(who, str(err)) from err
        except Broken as err:
            raise Unreachable(who, str(err)) from err
        self._in_row = 0
        self._unheard.clear()
        code = request.refusal(reply)
        if code in NO_PATH:  # the gateway in between answers; the unit does not
            self._missed(unit)
            raise NoReply(who, told(code))
        unit.health.answered(self._loop.time() - began)
        self._busy(unit, code == BUSY)
        if code is not None:
            raise Denied(who, told(code), code)
        return reply

    def _window_s(self, unit: Unit) -> float:
        """Alone on the line, or right behind somebody's silence (a gateway may still be waiting for
        that unit), the map's timeout; else what this unit usually needs."""
        health = unit.health
        waiting_elsewhere = self._in_row == 1 and not health.doubtful
        if waiting_elsewhere or self._here <= 1:
            return self._timeout_s
        if health.steady:
            return health.usual_s
        others = (one.health for one in self._units.values() if one.users and one is not unit)
        trips = [one.round_trip_s for one in others if one.round_trip_s and one.steady]
        if trips:
            return health.probe_s(max(trips), self._wire.numbered)
        return self._timeout_s if health.doubtful else health.usual_s

    def _unanswered(self, unit: Unit, request: Request) -> None:
        self._in_row += 1
        self._unheard.add(unit.number)
        if not self._wire.numbered and request.pdu[0] <= 4:
            unit.suspects = [*unit.suspects, request][-SUSPECTS:]
        self._missed(unit)
        here = {one.number for one in self._units.values() if one.users}
        if self._in_row >= max(self._misses, len(here)) and here <= self._unheard:
            alone = len(here) == 1
            raise Unreachable(f"unit {unit.number}", self._silence(unit) if alone else NOBODY)

    def _missed(self, unit: Unit) -> None:
        unit.health.missed(self._loop.time())
        if unit.health.silent:
            self._end(unit, self._silence(unit))

    def _silence(self, unit: Unit) -> str:
        return f"unit {unit.number} does not answer" if self._here > 1 else "does not answer"

    def _busy(self, unit: Unit, busy: bool) -> None:
        unit.busy = unit.busy + 1 if busy else 0
        unit.not_before = self._loop.time() + POLITE_S * min(unit.busy, 10) if busy else 0.0

    async def _in_step(self, unit: Unit, who: str) -> None:
        """A late reply on a serial line says not which read it answers. A short read whose reply no
        late one can be taken for proves that whatever was late has passed."""
        last, sizes = unit.suspects[-1], {request.size for request in unit.suspects}
        table = {1: "co", 2: "di", 3: "hr", 4: "ir"}[last.pdu[0]]
        bits = 8 if table in ("co", "di") else 1
        first = int.from_bytes(last.pdu[1:3], "big")
        lengths = (1 + bits * n for n in range(SUSPECTS + 1))
        asked = (read(table, first, length) for length in lengths)  # type: ignore[arg-type]
        with suppress(Denied):  # an answer, if not the wanted one
            await self._asked(unit, next(one for one in asked if one.size not in sizes), who)
        unit.suspects = []

    def _late(self, number: int, seconds: float) -> None:
        if unit := self._units.get(number):
            unit.health.late(seconds)

    # --- the one task ---

    async def run(self) -> None:
        """Until the line is dead; all that were on it have heard why."""
        problem = "the line was closed"
        try:
            while self._wire.problem is None:
                await (self._next() or self._sleep())
            problem = self._wire.problem
        except DeviceError as err:
            problem = err.problem
        finally:
            self._dead = self._dead or problem
            for unit in self._units.values():
                self._end(unit, self._dead)
            for job in (*self._orders[0], *self._orders[1]):
                _fail(job, Unreachable(f"unit {job.unit.number}", self._dead))

    def _next(self) -> Awaitable[None] | None:
        """Orders, then polls that are due, of those who answer; then of those in doubt."""
        now = self._loop.time() + GRAIN_S
        for doubtful in self._ranks(now):
            if self._orders[doubtful]:
                return self._carry_out(self._orders[doubtful].popleft())
            turn = self._due(doubtful, now)
            if turn is not None:
                if doubtful:
                    self._doubt_since = None
                return self._take(turn)
        return None

    def _ranks(self, now: float) -> tuple[int, int]:
        waits = self._orders[1] or (self._turns[1] and self._turns[1][0][0] <= now)
        if not waits:
            self._doubt_since = None
        elif self._doubt_since is None:
            self._doubt_since = now
        elif now - self._doubt_since > STARVED_S:
            self._doubt_since = None
            return 1, 0
        return 0, 1

    def _due(self, doubtful: int, now: float) -> Turn | None:
        """The turn that is due, put back in at its next time."""
        heap = self._turns[doubtful]
        while heap and heap[0][0] <= now:
            turn = heap[0][2]
            unit = turn.unit
            if turn.gone or unit.health.doubtful != doubtful:
                heappop(heap)
                if not turn.gone:
                    self._push(turn)
            elif unit.not_before > now:
                turn.due = unit.not_before
                heapreplace(heap, (turn.due, next(self._ties), turn))
            else:
                late = int((now - turn.due) // turn.every_s)
                self.overruns[unit.number] += late
                turn.due = turn.after(turn.due + (late + 1) * turn.every_s)
                heapreplace(heap, (turn.due, next(self._ties), turn))
                return turn
        return None

    def _push(self, turn: Turn) -> None:
        heappush(self._turns[turn.unit.health.doubtful], (turn.due, next(self._ties), turn))

    async def _take(self, turn: Turn) -> None:
        try:
            await turn.work()
        except (NoReply, Denied):
            return  # counted; the values go stale by their age, or are bad already

    async def _carry_out(self, job: _Job) -> None:
        if job.done.done():  # nobody waits any more
            return
        if job.unit.health.silent and self._loop.time() < job.unit.health.probe_at:
            _fail(job, Unreachable(f"unit {job.unit.number}", self._silence(job.unit)))
            return
        try:
            result = await job.work()
        except (NoReply, Denied, TooLate) as err:
            _fail(job, err)
        except BaseException as err:
            dead = err if isinstance(err, DeviceError) else None
            _fail(job, dead or Unreachable(f"unit {job.unit.number}", "the line was closed"))
            raise
        else:
            if not job.done.done():
                job.done.set_result(result)

    async def _sleep(self) -> None:
        """Until the next turn is due or somebody orders something."""
        due = min([heap[0][0] for heap in self._turns if heap], default=self._loop.time() + IDLE_S)
        self._sleeping = self._loop.create_future()
        timer = self._loop.call_at(due, self._wake)
        try:
            await self._sleeping
        finally:
            timer.cancel()
            self._sleeping = None

    def _wake(self) -> None:
        if self._sleeping is not None and not self._sleeping.done():
            self._sleeping.set_result(None)

    def _end(self, unit: Unit, problem: str) -> None:
        for user in list(unit.users):
            user.ended(problem)


NOBODY: Final = "nobody on the line answers"


def _fail(job: _Job, err: BaseException) -> None:
    if not job.done.done():
        job.done.set_exception(err)
        job.done.exception()  # whoever asked may have stopped waiting
