"""The tags of a device over one OPC UA session: read in batches, or told by a subscription; read
anew whenever something may have been missed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from devices import pki
from devices.at_once import until_one_fails
from devices.device import Clock
from devices.errors import Refused
from devices.map.schema import Method, NodeTag, OpcUa, RegisterTag
from devices.tags import opcua_words as words
from devices.tags.codec import Unwritable
from devices.tags.opcua_conditions import Condition, Conditions
from devices.tags.opcua_methods import OpcMethods
from devices.tags.opcua_session import Line, opened
from devices.tags.opcua_values import overflowed, valued, written
from devices.tags.opcua_watch import Item, Subscription
from devices.tags.port import Denied, NoReply, NotAllowed, TooLate
from devices.tags.steady import Still
from devices.tags.value import Plain, Refusal, Round, Value

STALE_AFTER: Final = 3
"""Intervals after which a value is stale."""
GONE: Final = ("BadNodeIdUnknown", "BadNodeIdInvalid")
AT_ONCE: Final = 500
"""Nodes in one request; some servers take no more (OPC 10000-5, MaxNodesPerRead)."""


def nobody(told: Round | Refusal) -> None:
    return None


@asynccontextmanager
async def opcua_tags(
    device: str,
    tags: Mapping[str, RegisterTag | NodeTag],
    config: OpcUa,
    clock: Clock,
    methods: Mapping[str, Method] | None = None,
    *,
    polled: Callable[[Round], None] = nobody,
    refused: Callable[[Refusal], None] = nobody,
) -> AsyncIterator["OpcTags"]:
    """Connected, nodes found and read once. Raises DeviceError.

    polled: told what came in one answer or one message. refused: told each write or call that is
    not sent, because it must not or cannot be.
    """
    nodes = {name: tag for name, tag in tags.items() if isinstance(tag, NodeTag)}
    async with opened(device, config, clock) as line:
        made = OpcTags(line, nodes, config, clock, methods or {}, polled, refused)
        await made.open()
        yield made


def subscribes(config: OpcUa, tags: Mapping[str, NodeTag]) -> bool:
    """By default where a tag says how often the server is to look."""
    if config.read is not None:
        return config.read == "subscribe"
    return any(tag.sampling_s is not None for tag in tags.values())


class OpcTags:
    """`devices.tags.port.Tags`, `devices.tags.methods.Methods` and `Alarms` of one device."""

    def __init__(
        self,
        line: Line,
        tags: Mapping[str, NodeTag],
        config: OpcUa,
        clock: Clock,
        methods: Mapping[str, Method],
        polled: Callable[[Round], None] = nobody,
        refused: Callable[[Refusal], None] = nobody,
    ) -> None:
        self.line, self._clock = line, clock
        self._tell_polled, self._tell_refused = polled, refused
        self._tags, self._config = tags, config
        self._nodes = {name: line.node(tag.node) for name, tag in tags.items()}
        self._polled = tuple(name for name, tag in tags.items() if tag.access != "w")
        self._values: dict[str, Value] = {}
        self._still = {name: still for name, tag in tags.items() if (still := _still(tag))}
        self._types: dict[str, ua.VariantType] = {}
        self._sources: dict[str, datetime] = {}
        self._changed: dict[str, Value] = {}
        self._told = asyncio.Event()
        self._read_at: datetime = clock.now()
        self._loop = asyncio.get_running_loop()
        self.overflows = 0
        """Times that the server had to drop values of ours."""
        self._said: dict[str, Value] = {}
        self._methods = OpcMethods(line, methods, clock)
        self.conditions = Conditions(line, tags, clock, self._alarm)
        self._subscribes = subscribes(config, tags)
        self.watch = self._watch()

    def _watch(self) -> Subscription | None:
        items = [self._item(name) for name in self._polled] if self._subscribes else []
        items += self.conditions.items()
        if not items:
            return None
        every_s, renewed = self._config.publishing_s, self.conditions.refresh
        return Subscription(self.line, items, every_s, self._again, renewed, self._round)

    def _item(self, name: str) -> Item:
        tag = self._tags[name]
        sampling_s = self._config.publishing_s if tag.sampling_s is None else tag.sampling_s

        def told(said: ua.DataValue) -> None:
            self._hear(name, said)

        return Item(name, self._nodes[name], told, sampling_s, tag.queue)

    # --- life ---

    async def open(self) -> None:
        if self.watch is not None:
            await self.watch.open()
        await self._again()
        for name in self._polled:
            found = self._values[name]
            if found.quality == "bad" and any(one in found.reason for one in GONE):
                raise Refused(self.line.device, f"{name}: {found.reason}")

    async def run(self) -> None:
        """Raises Unreachable when the line is dead."""
        works = [self.line.keep()]
        works += [self.watch.run()] if self.watch is not None else []
        works += [] if self._subscribes else [self._poll()]
        await until_one_fails(*works)

    async def _poll(self) -> None:
        """On an absolute schedule."""
        due = self._loop.time()
        while True:
            due = max(due + self._config.publishing_s, self._loop.time())
            await asyncio.sleep(due - self._loop.time())
            with suppress(NoReply):  # counted; the values go stale by their age
                await self._again()

    async def _again(self) -> None:
        for first in range(0, len(self._polled), AT_ONCE):
            await self.read(*self._polled[first : first + AT_ONCE])
        self._read_at = self._clock.now()
        self._round()

    def _round(self) -> None:
        """What one answer or one message said."""
        said, self._said = self._said, {}
        if said:
            why = {name: value.reason for name, value in said.items() if value.quality == "bad"}
            values = tuple(value.value for value in said.values())
            at = self._clock.now()
            none = ((),) * len(said)
            self._tell_polled(Round(at, "publishing", tuple(said), values, why, lambda: none))

    # --- values ---

    def value(self, name: str) -> Value:
        return self._values[name]

    def view(self) -> dict[str, Value]:
        at, every_s = self._confirmed()
        fresh = self._clock.now() - at <= STALE_AFTER * timedelta(seconds=every_s)
        shown = {
            name: replace(value, at=at)
            if fresh or value.quality != "good"
            else replace(value, at=at, quality="stale", reason="not read lately")
            for name, value in self._values.items()
        }
        return {**shown, **self.conditions.view(), **self._papers()}

    def _papers(self) -> dict[str, Value]:
        """Days that our certificate and the server's still have."""
        if self.line.shown is None:
            return {}
        now = self._clock.now()
        both = {
            "certificate.own": self.line.shown.own,
            "certificate.server": self.line.shown.server,
        }
        return {
            name: Value(max(0, (one.until - now).days), now, "d", "stale", pki.ending(one, now))
            if pki.ends_soon(one, now)
            else Value((one.until - now).days, now, "d")
            for name, one in both.items()
        }

    def _confirmed(self) -> tuple[datetime, float]:
        """When the server last stood by all values, and how often it does."""
        if self.watch is None or not self._subscribes:
            return self._read_at, self._config.publishing_s
        ago = timedelta(seconds=self._loop.time() - self.watch.heard_s)
        return self._clock.now() - ago, self.watch.promised_s

    async def changes(self) -> AsyncIterator[dict[str, Value]]:
        while True:
            await self._told.wait()
            self._told.clear()
            changed, self._changed = self._changed, {}
            yield changed

    async def together(self, *names: str) -> dict[str, Value]:
        return await self.read(*names)

    async def read(self, *names: str) -> dict[str, Value]:
        if not names:
            return {}
        wanted = [ua.ReadValueId(self._nodes[name], AttributeIds.Value) for name in names]
        params = ua.ReadParameters(NodesToRead=wanted)
        answers: list[Any] = await self.line.ask(self.line.services.read(params))
        now = self._clock.now()
        return {
            name: self._take(name, answer, now) for name, answer in zip(names, answers, strict=True)
        }

    def _hear(self, name: str, said: ua.DataValue) -> None:
        """By the subscription. What is older than the last answer, or stands where others were
        dropped, is asked for instead."""
        known, source = self._sources.get(name), said.SourceTimestamp
        if overflowed(said):
            self.overflows += 1
        elif known is None or source is None or source >= known:
            self._take(name, said, self._clock.now())
            return
        if self.watch is not None:
            self.watch.doubt()

    def _take(self, name: str, said: ua.DataValue, now: datetime) -> Value:
        fresh = self._said[name] = valued(self._tags[name], said, now)
        if said.Value is not None:
            self._types[name] = said.Value.VariantType
        if said.SourceTimestamp is not None:
            self._sources[name] = said.SourceTimestamp
        known = self._values.get(name)
        if known is None or (known.value, known.reason) != (fresh.value, fresh.reason):
            if self._hardly_moved(name, fresh, known):
                return fresh
            self._values[name] = self._changed[name] = fresh
            self._told.set()
        return fresh

    def _hardly_moved(self, name: str, fresh: Value, known: Value | None) -> bool:
        still = self._still.get(name)
        if still is None or not isinstance(fresh.value, (int, float)):
            return False
        shown = still(fresh.value, 0.0)
        return known is not None and (known.value, known.quality) == (shown, fresh.quality)

    def _alarm(self, condition: Condition) -> None:
        name = f"{condition.tag}.alarm"
        self._changed[name] = self.conditions.view()[name]
        self._told.set()

    # --- writing ---

    async def call(
        self, name: str, given: Mapping[str, Plain], before: datetime | None = None
    ) -> dict[str, Plain]:
        try:
            return await self._methods.call(name, given, before)
        except Unwritable as err:
            self._tell_refused(Refusal({name: ""}, str(err)))
            raise

    async def acknowledge(self, tag: str, comment: str) -> None:
        await self.conditions.acknowledge(tag, comment)

    async def write(self, *steps: Mapping[str, Plain], before: datetime | None = None) -> None:
        try:
            made = [[self._written(name, value) for name, value in s.items()] for s in steps]
        except Unwritable as err:
            wanted = {name: value for step in steps for name, value in step.items()}
            self._tell_refused(Refusal(wanted, str(err)))
            raise
        for step in made:
            if before is not None and self._clock.now() >= before:
                raise TooLate
            params = ua.WriteParameters(NodesToWrite=step)
            codes: list[Any] = await self.line.ask(self.line.services.write(params))
            for code in codes:
                if not code.is_good():
                    told = f"refuses a write: {words.of(code.value)}"
                    raise Denied(self.line.device, told, code.value)

    def _written(self, name: str, value: Plain) -> ua.WriteValue:
        if self._tags[name].access == "r":
            raise NotAllowed(f"{name} is only read: the map gives it access r")
        variant = written(name, self._tags[name], value, self._types)
        return ua.WriteValue(self._nodes[name], AttributeIds.Value, Value=ua.DataValue(variant))


def _still(tag: NodeTag) -> Still | None:
    if tag.deadband is None or tag.enum or tag.type in ("bool", "string"):
        return None
    return Still(tag.deadband, tag.range[1] - tag.range[0] if tag.range else None)
