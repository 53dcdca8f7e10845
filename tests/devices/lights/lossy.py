"""A line of modules on which requests and replies are lost as a test says; no port, no time."""

from collections.abc import Callable, Iterator
from typing import Literal

from devices.tags.pdu import Request
from devices.tags.wire import Silence
from simulators.rtu import WRITES, Unit

KEY = 7910
"""Register of the key, as `tests.contract.zones.MODULES` has it."""
Fate = Literal["ok", "request lost", "reply lost"]


class LossyWire:
    """What a `devices.tags.bus.Bus` asks of its wire."""

    numbered = False

    def __init__(self, units: dict[int, Unit], fates: Iterator[Fate]) -> None:
        self._units, self._fates = units, fates
        self.late: Callable[[int, float], None] = lambda unit, seconds: None
        self.dropped: Callable[[], None] = lambda: None
        self.problem: str | None = None
        self.idle: list[tuple[int, int]] = []
        """Unit and register of writes that changed nothing."""
        self.looked: Callable[[int], None] = lambda unit: None
        """Told of every unit whose key is read: from now on a touch may mean what it shows."""
        self.astray: tuple[int, int, bytes] | None = None
        """A reply that comes instead of the next one of that unit and register."""
        self.soon: dict[int, tuple[int, Callable[[], None]]] = {}
        """By unit: what happens ahead of its so many-th next request."""

    async def ask(self, unit: int, request: Request, within_s: float) -> bytes:
        self._happens(unit)
        fate = next(self._fates, "ok")
        if fate == "request lost":
            raise Silence("nothing came")
        self._note(unit, request.pdu)
        reply = self._units[unit].answer(request.pdu)
        register = int.from_bytes(request.pdu[1:3], "big")
        if self.astray is not None and self.astray[:2] == (unit, register):
            reply, self.astray = self.astray[2], None
        if reply is None or fate == "reply lost":
            raise Silence("nothing came")
        return reply

    async def quiet(self) -> None:
        return None

    def _happens(self, unit: int) -> None:
        left, thing = self.soon.pop(unit, (0, None))
        if thing is not None and left:
            self.soon[unit] = left - 1, thing
        elif thing is not None:
            thing()

    def _note(self, unit: int, pdu: bytes) -> None:
        register, value = int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
        if register == KEY:
            self.looked(unit)
        if pdu[0] in WRITES and self._units[unit].cells[WRITES[pdu[0]], register] == value:
            self.idle.append((unit, register))
