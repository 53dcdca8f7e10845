"""Two-way heartbeat over tags: theirs watched, ours written only while the control loop turns."""

import asyncio

from devices.errors import Unreachable
from devices.handshake import Drive, Restarted, Watch, following
from devices.map.schema import Door, Heartbeat, Io
from devices.tags.port import NoReply, Tags
from devices.tags.value import Value

SIZES = {"uint16": 2**16, "uint32": 2**32}
LOOK_S = 0.05


class Pulse:
    """`start` waits until the device's beat moves; then `seen` is fed and `run` is a task.

    drive None: the device is only observed, and hears no beat of ours.
    """

    def __init__(
        self, device: str, shake: Heartbeat, tags: Tags, drive: Drive | None, type: str
    ) -> None:
        self._device, self._shake, self._tags, self._drive = device, shake, tags, drive
        self._size = SIZES.get(type, 2**16)
        self._loop = asyncio.get_running_loop()
        self._watch = Watch(shake.lost_after_s, self._loop.time(), self._size)
        self._ours = 0
        self.written = asyncio.Event()
        """Our first beat of this session is in the device: its memory is known to be alive."""
        if drive is None:
            self.written.set()

    async def start(self) -> int:
        """Returns our beat as the device remembers it; 0 when it lost its memory. Raises
        Unreachable when its own beat stands still."""
        first = self._number((await self._tags.read(self._shake.watch))[self._shake.watch])
        end = self._loop.time() + self._shake.lost_after_s
        while self._number((await self._tags.read(self._shake.watch))[self._shake.watch]) == first:
            if self._loop.time() > end:
                raise Unreachable(self._device, "its heartbeat stands still")
            await asyncio.sleep(LOOK_S)
        ours = self._number((await self._tags.read(self._shake.drive))[self._shake.drive])
        self._ours = ours
        return ours

    def seen(self, changed: dict[str, Value]) -> None:
        """Raises Unreachable when the device was restarted."""
        if self._shake.watch in changed:
            try:
                self._watch.seen(self._number(changed[self._shake.watch]), self._loop.time())
            except Restarted:
                raise Unreachable(self._device, "was restarted") from None

    async def run(self) -> None:
        """Beats for ever. Raises Unreachable when the device's beat stopped."""
        due = self._loop.time()
        while True:
            if self._watch.lost(self._loop.time()):
                raise Unreachable(self._device, "its heartbeat stopped")
            if self._drive is not None and self._drive.moved():
                await self._beat()
            due = max(due + self._shake.every_s, self._loop.time())
            await asyncio.sleep(due - self._loop.time())

    async def _beat(self) -> None:
        self._ours = following(self._ours, last=self._size - 1)
        try:
            await self._tags.write({self._shake.drive: self._ours})
        except NoReply:
            return  # the next beat says the same
        self.written.set()

    def _number(self, value: Value) -> int:
        if not isinstance(value.value, int):
            raise Unreachable(self._device, f"its heartbeat cannot be read: {value.reason}")
        return value.value


def pulse_of(device: str, config: Door | Io, tags: Tags, drive: Drive | None) -> Pulse | None:
    """Of a device that need not have a heartbeat."""
    declared = (one for one in config.handshakes.values() if isinstance(one, Heartbeat))
    shake = next(declared, None)
    if shake is None:
        return None
    return Pulse(device, shake, tags, drive, config.tags[shake.watch].type)
