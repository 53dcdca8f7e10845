"""The three ways to move a door, each over its declared handshake: a target that it holds, a pulse
for each direction, a step by a toggle."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

from devices.errors import Refused
from devices.map.schema import AnyTag, Door, PulseShake, TargetShake, ToggleShake
from devices.outputs import Pulse, Sent, Target, Toggle
from devices.tags.codec import Unwritable
from devices.tags.port import NoReply, Tags, TooLate
from devices.tags.value import Plain
from wcs.names import DoorEnd

OTHER: Final[dict[DoorEnd, DoorEnd]] = {"open": "closed", "closed": "open"}
LOOK_S: Final = 0.02
PERHAPS: Final = "no reply: perhaps it was carried out, the door will show"


class Unsure(Exception):
    """It may have been carried out and is not tried again; the words say why."""


class Move(Protocol):
    """`order` begins, `go_on` is called again and again. Both raise TooLate, Unsure, Refused,
    Unwritable; then the order has come to nothing."""

    @property
    def asked(self) -> DoorEnd | None:
        """What the device is told to do, as far as that is known."""

    @property
    def pending(self) -> bool:
        """An order is not in the device yet."""

    @property
    def busy(self) -> bool:
        """`go_on` is wanted soon."""

    async def order(self, to: DoorEnd, at: DoorEnd | None, before: datetime) -> None: ...

    async def go_on(self, at: DoorEnd | None) -> None: ...

    def let_go(self) -> None:
        """What is not in the device yet is not written any more."""


def move_of(door: Door, tags: Tags) -> Move:
    """As the map declares it; `wedge check` says which shapes there are."""
    shakes = door.handshakes
    match shakes.get("move"), shakes.get("open"), shakes.get("close"):
        case TargetShake() as target, _, _:
            return ByTarget(tags, target, door.tags[target.target])
        case ToggleShake() as toggle, _, _:
            return ByToggle(tags, toggle)
        case _, PulseShake() as up, PulseShake() as down:
            return ByPulses(tags, up, down)
        case _:
            return ByHand()


class ByHand:
    """Only watched."""

    asked: DoorEnd | None = None
    pending = busy = False

    async def order(self, to: DoorEnd, at: DoorEnd | None, before: datetime) -> None:
        raise Unwritable("it is moved by hand: the map declares no way to move it")

    async def go_on(self, at: DoorEnd | None) -> None:
        return None

    def let_go(self) -> None:
        return None


class ByTarget:
    """The device holds what is wanted. Until the deadline it is written whenever it does not; after
    it, whoever wants it orders it again."""

    def __init__(self, tags: Tags, shake: TargetShake, tag: AnyTag) -> None:
        self._tags, self._shake, self._tag = tags, shake, tag
        self._loop = asyncio.get_running_loop()
        self._target = Target(shake.timeout_s)
        self._before: datetime | None = None

    @property
    def asked(self) -> DoorEnd | None:
        held = self._tags.value(self._shake.target).value
        ends: tuple[DoorEnd, ...] = ("open", "closed")
        return next((end for end in ends if self._as_written(end) == held), None)

    @property
    def pending(self) -> bool:
        return self._before is not None

    busy = pending

    async def order(self, to: DoorEnd, at: DoorEnd | None, before: datetime) -> None:
        self._target = self._target.want(self._as_written(to), self._loop.time())
        self._before = before
        await self.go_on(at)

    async def go_on(self, at: DoorEnd | None) -> None:
        if self._before is None:
            return
        try:
            await self._assert(at)
        except NoReply:
            return  # read again at the next turn, and written where it is not held
        except (TooLate, Refused, Unwritable):
            self.let_go()
            raise

    def let_go(self) -> None:
        self._target, self._before = self._target.withdrawn(), None

    async def _assert(self, at: DoorEnd | None) -> None:
        name = self._shake.target
        held = (await self._tags.read(name))[name].value
        actual = None if at is None else self._as_written(at)
        self._target, write = self._target.read(held, actual, False, self._loop.time())
        if write and self._target.wanted is not None:
            await self._tags.write({name: self._target.wanted}, before=self._before)
        elif held is not None:
            self._before = None

    def _as_written(self, end: DoorEnd) -> Plain:
        return end == "open" if self._tag.type == "bool" else end


class ByPulses:
    """A pulse for each direction; one that is where it shall be gets none."""

    def __init__(self, tags: Tags, up: PulseShake, down: PulseShake) -> None:
        self._tags = tags
        self._shakes: dict[DoorEnd, PulseShake] = {"open": up, "closed": down}
        self._pulses = {end: Pulse(one.width_s) for end, one in self._shakes.items()}
        self._loop = asyncio.get_running_loop()
        self.asked: DoorEnd | None = None

    pending = False

    @property
    def busy(self) -> bool:
        return not all(pulse.is_free for pulse in self._pulses.values())

    async def order(self, to: DoorEnd, at: DoorEnd | None, before: datetime) -> None:
        if at == to:
            self.asked = to
            return
        while self.busy:  # no longer than a pulse; then the deadline is checked as ever
            await asyncio.sleep(LOOK_S)
            await self.go_on(at)
        self._pulses[to], _ = self._pulses[to].ask()
        sent: Sent = "not sent"
        try:
            await self._tags.write({self._shakes[to].signal: True}, before=before)
            sent, self.asked = "answered", to
        except NoReply as err:
            sent, self.asked = "no reply", to
            raise Unsure(PERHAPS) from err
        finally:
            self._pulses[to], _ = self._pulses[to].rose(sent, self._loop.time())

    async def go_on(self, at: DoorEnd | None) -> None:
        for end, shake in self._shakes.items():
            pulse = self._looked(shake, self._pulses[end].tick(self._loop.time()))
            if pulse.falls:
                pulse = pulse.fell(await self._off(shake.signal))
            self._pulses[end] = pulse

    def let_go(self) -> None:
        """A pulse that was given is over by itself."""

    def _looked(self, shake: PulseShake, pulse: Pulse) -> Pulse:
        """An output that is only written cannot be looked at: once it is switched off unseen."""
        try:
            on = self._tags.value(shake.signal).value
        except KeyError:
            on = None
        if on is None:
            return pulse.read(True) if pulse.phase == "unknown" else pulse
        return pulse.read(on is True)

    async def _off(self, signal: str) -> Sent:
        with suppress(NoReply):
            await self._tags.write({signal: False})
            return "answered"
        return "no reply"


class ByToggle:
    """A step moves it to its other end: only from an end, or nobody knows where it would go."""

    def __init__(self, tags: Tags, shake: ToggleShake) -> None:
        self._tags, self._shake = tags, shake
        self._toggle = Toggle(shake.timeout_s)
        self._loop = asyncio.get_running_loop()
        self.asked: DoorEnd | None = None

    @property
    def pending(self) -> bool:
        return self._toggle.to is not None

    busy = pending

    async def order(self, to: DoorEnd, at: DoorEnd | None, before: datetime) -> None:
        if at == to:
            self.asked = to
            return
        if at != OTHER[to]:
            raise Unwritable("it stands between its ends, and nobody knows where a step would go")
        signal, echo = await self._look()
        self._toggle, level = self._toggle.ask(signal, echo, self._loop.time())
        if level is None:
            raise Unwritable("it has not taken its last step yet")
        try:
            await self._tags.write({self._shake.signal: level}, before=before)
        except NoReply:
            pass  # the echo will tell; there is no second write
        except (TooLate, Unwritable):
            self._toggle = self._toggle.not_sent()
            raise
        self.asked = to

    async def go_on(self, at: DoorEnd | None) -> None:
        if not self.pending:
            return
        try:
            signal, echo = await self._look()
        except NoReply:
            return  # looked at again at the next turn; the line counts these
        self._toggle, ended = self._toggle.read(signal, echo, self._loop.time())
        if ended == "unsure":
            raise Unsure(f"it did not take the step in {self._shake.timeout_s:g} s")

    def let_go(self) -> None:
        """An edge is given once; its echo is still waited for."""

    async def _look(self) -> tuple[bool, bool]:
        names = (self._shake.signal, self._shake.echo)
        seen = await self._tags.read(*names)
        if any(not isinstance(seen[name].value, bool) for name in names):
            raise Unwritable(f"{' or '.join(names)} cannot be read")
        return seen[names[0]].value is True, seen[names[1]].value is True
