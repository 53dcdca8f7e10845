"""The values of one device's tags, taken from blocks of words; only what changed is decoded."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devices.device import Clock
from devices.map.schema import RegisterTag
from devices.tags.codec import Decoder, Unreadable, Words, decoder
from devices.tags.plan import Block
from devices.tags.value import Value


@dataclass(slots=True)
class _Slot:
    name: str
    tag: RegisterTag
    decode: Decoder
    raw: Words | None = None


@dataclass(slots=True)
class Reading:
    """A block that is read again and again: what it held last, and when the next turn is due."""

    block: Block
    every_s: float
    due: float = 0.0
    words: Sequence[int] | None = None
    at: datetime | None = None
    """When the last good response came."""

    def __lt__(self, other: "Reading") -> bool:
        return self.due < other.due


class Table:
    """Values by tag. A tag has a home, the reading that polls it; other reads may fill it too."""

    def __init__(self, tags: Mapping[str, RegisterTag], clock: Clock) -> None:
        self._slots = {name: _Slot(name, tag, decoder(tag)) for name, tag in tags.items()}
        self._clock = clock
        self._home: dict[str, Reading] = {}
        self._values: dict[str, Value] = {}
        self._changed: dict[str, Value] = {}
        self._told = asyncio.Event()

    def polled_by(self, block: Block) -> Reading:
        every_s = float("inf") if block.every_s is None else block.every_s
        made = Reading(block, every_s)
        self._home.update(dict.fromkeys(block.tags, made))
        return made

    def of_one_response(self, names: tuple[str, ...]) -> bool:
        home = self._home.get(names[0])
        return home is not None and all(self._home.get(name) is home for name in names)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def view(self) -> dict[str, Value]:
        """All values with the time of their last response; too old ones are stale."""
        now = self._clock.now()
        return {name: self._aged(name, value, now) for name, value in self._values.items()}

    async def changes(self) -> AsyncIterator[dict[str, Value]]:
        while True:
            await self._told.wait()
            self._told.clear()
            changed, self._changed = self._changed, {}
            yield changed

    def take(self, reading: Reading, words: Sequence[int]) -> None:
        """Words of a polled block, as of now; each tag is found at its own address."""
        reading.at = self._clock.now()
        if words != reading.words:
            reading.words = words
            self._decode(reading.block, words, reading.at)

    def take_once(self, block: Block, words: Sequence[int]) -> None:
        """Words that were asked for between the polls: the next poll compares from scratch."""
        for name in block.tags:
            if name in self._home:
                self._home[name].words = None
        self._decode(block, words, self._clock.now())

    def refuse(self, reading: Reading, reason: str) -> None:
        """The device does not give this block: its tags are bad until it does."""
        reading.words, now = None, self._clock.now()
        for slot in map(self._slots.__getitem__, reading.block.tags):
            slot.raw = None
            known = self._values.get(slot.name)
            if known is None or known.reason != reason:
                self._change(slot.name, Value(None, now, slot.tag.unit, "bad", reason))

    def _decode(self, block: Block, words: Sequence[int], now: datetime) -> None:
        for slot in map(self._slots.__getitem__, block.tags):
            start = slot.tag.at.address - block.first
            raw = tuple(words[start : start + slot.tag.words])
            if raw != slot.raw:
                slot.raw = raw
                self._change(slot.name, _decoded(slot, raw, now))

    def _change(self, name: str, value: Value) -> None:
        self._values[name] = self._changed[name] = value
        self._told.set()

    def _aged(self, name: str, value: Value, now: datetime) -> Value:
        home = self._home.get(name)
        at = home.at if home is not None and home.at is not None else value.at
        limit_s = self._slots[name].tag.poll.stale_after_s
        if value.quality == "good" and limit_s and now - at > timedelta(seconds=limit_s):
            return replace(value, at=at, quality="stale", reason="not read lately")
        return replace(value, at=at)


def _decoded(slot: _Slot, raw: Words, now: datetime) -> Value:
    try:
        return Value(slot.decode(raw), now, slot.tag.unit, raw=raw)
    except Unreadable as err:
        return Value(None, now, slot.tag.unit, "bad", str(err), raw)
