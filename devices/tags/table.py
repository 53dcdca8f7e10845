"""The values of one device's tags, taken from replies; each tag shows the newest reply that held
it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from devices.device import Clock
from devices.map.schema import RegisterTag
from devices.tags.columns import Columns, Values
from devices.tags.pdu import Request, read
from devices.tags.plan import Block
from devices.tags.steady import Steady, steady
from devices.tags.value import Plain, Round, Value


@dataclass(slots=True, eq=False)
class Reading:
    """A block that is read, and what its last reply held."""

    block: Block
    request: Request
    columns: Columns
    poll: str
    data: bytes | None = None
    at: datetime | None = None
    """When the last good reply came."""
    values: Values = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    strayed: bool = False
    """Some of its tags were read by others since."""


@dataclass(slots=True)
class _Slot:
    tag: RegisterTag
    home: Reading | None = None
    newest: Reading | None = None
    place: int = 0
    """In the columns of `newest`."""


class Table:
    """Values by tag. A tag has a home, the reading that polls it; other reads may fill it too."""

    def __init__(self, tags: Mapping[str, RegisterTag], clock: Clock) -> None:
        self._slots = {name: _Slot(tag) for name, tag in tags.items()}
        self._tags, self._clock = tags, clock
        self._steady: dict[str, Steady] = {
            name: found for name, tag in tags.items() if (found := steady(tag)) is not None
        }
        self._loop = asyncio.get_running_loop()
        self._changed: dict[str, None] = {}
        self._heard = False
        self._told = asyncio.Event()

    # --- readings ---

    def reading(self, block: Block) -> Reading:
        request = read(block.table, block.first, block.count)
        poll = self._tags[block.tags[0]].poll.name
        return Reading(block, request, Columns(block, self._tags, self._steady), poll)

    def polled_by(self, block: Block) -> Reading:
        """From now on the home of its tags; what they show stays until it is read."""
        made = self.reading(block)
        made.strayed = True
        for name in block.tags:
            self._slots[name].home = made
        return made

    def take(self, reading: Reading, data: bytes) -> None:
        """The reply to a reading, as of now."""
        reading.at, reading.refused = self._clock.now(), ""
        if data == reading.data and not reading.strayed and not reading.columns.moves_by_itself:
            return
        if reading.strayed:
            self._adopt(reading, data, *reading.columns.values(data, self._loop.time()))
            return
        before, why_before = reading.values, reading.why
        reading.data = data
        reading.values, reading.why = reading.columns.values(data, self._loop.time())
        if before != reading.values or why_before != reading.why:
            pairs = zip(reading.block.tags, before, reading.values, strict=True)
            self._tell(
                name
                for name, old, new in pairs
                if old != new or why_before.get(name) != reading.why.get(name)
            )

    def take_once(self, reading: Reading, data: bytes) -> None:
        """The reply to a reading between the polls: the home of its tags takes them back."""
        reading.strayed = True
        self.take(reading, data)

    def refuse(self, reading: Reading, reason: str) -> None:
        """The device does not give this block: its tags are bad until it does."""
        if reading.refused == reason:
            return
        reading.refused, reading.at = reason, self._clock.now()
        names = reading.block.tags
        self._adopt(reading, None, [None] * len(names), dict.fromkeys(names, reason))

    def round(self, reading: Reading) -> Round:
        assert reading.at is not None
        assert reading.data is not None
        columns, data = reading.columns, reading.data
        return Round(
            reading.at,
            reading.poll,
            reading.block.tags,
            reading.values,
            reading.why,
            lambda: columns.raws(data),
            lambda: columns.flat(data),
        )

    def _adopt(
        self, reading: Reading, data: bytes | None, values: Values, why: dict[str, str]
    ) -> None:
        """Its tags show it from now on; those that show something else than before are told."""
        before = {name: self._shown(name) for name in reading.block.tags}
        reading.data, reading.values, reading.why = data, values, why
        for place, name in enumerate(reading.block.tags):
            slot = self._slots[name]
            slot.newest, slot.place = reading, place
            if slot.home is not None and slot.home is not reading:
                slot.home.strayed = True
        reading.strayed = False
        self._tell(name for name, old in before.items() if old != self._shown(name))

    # --- what is known ---

    def __getitem__(self, name: str) -> Value:
        slot = self._slots[name]
        reading, unit = slot.newest, slot.tag.unit
        if reading is None or reading.at is None:
            raise KeyError(name)
        reason = reading.why.get(name)
        raw = () if reading.data is None else reading.columns.raw(reading.data, slot.place)
        if reason is not None:
            return Value(None, reading.at, unit, "bad", reason, raw)
        return Value(reading.values[slot.place], reading.at, unit, raw=raw)

    def of_one_response(self, names: Iterable[str]) -> bool:
        found = {id(self._slots[name].newest) for name in names}
        return len(found) == 1 and id(None) not in found

    def view(self) -> dict[str, Value]:
        """All values with the time of their last response; too old ones are stale."""
        now = self._clock.now()
        read = [name for name, slot in self._slots.items() if slot.newest is not None]
        return {name: self._aged(name, self[name], now) for name in read}

    async def changes(self) -> AsyncIterator[dict[str, Value]]:
        if not self._heard:
            self._heard = True
            self._tell(name for name, slot in self._slots.items() if slot.newest is not None)
        while True:
            await self._told.wait()
            self._told.clear()
            changed, self._changed = self._changed, {}
            yield {name: self[name] for name in changed}

    def _tell(self, names: Iterable[str]) -> None:
        if self._heard:
            self._changed.update(dict.fromkeys(names))
            if self._changed:
                self._told.set()

    def _shown(self, name: str) -> tuple[Plain | None, str | None] | None:
        slot = self._slots[name]
        if slot.newest is None:
            return None
        return slot.newest.values[slot.place], slot.newest.why.get(name)

    def _aged(self, name: str, value: Value, now: datetime) -> Value:
        limit_s = self._slots[name].tag.poll.stale_after_s
        old = limit_s is not None and now - value.at > timedelta(seconds=limit_s)
        if value.quality == "good" and old and self._slots[name].home is not None:
            return replace(value, quality="stale", reason="not read lately")
        return value
