"""The tags of a device over one OPC UA session: read in batches, or told by a subscription; read
anew whenever something may have been missed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from devices.device import Clock
from devices.errors import Refused
from devices.map.schema import NodeTag, OpcUa, RegisterTag
from devices.tags import opcua_words as words
from devices.tags.opcua_session import Line, opened, until_one_fails
from devices.tags.opcua_values import valued, written
from devices.tags.port import Denied, NoReply, TooLate
from devices.tags.value import Plain, Value

STALE_AFTER: Final = 3
"""Intervals after which a value is stale."""
GONE: Final = frozenset({"BadNodeIdUnknown", "BadNodeIdInvalid"})


@asynccontextmanager
async def opcua_tags(
    device: str,
    tags: Mapping[str, RegisterTag | NodeTag],
    config: OpcUa,
    clock: Clock,
) -> AsyncIterator["OpcTags"]:
    """Connected, nodes found and read once. Raises DeviceError."""
    nodes = {name: tag for name, tag in tags.items() if isinstance(tag, NodeTag)}
    async with opened(device, config, clock) as line:
        made = OpcTags(line, nodes, config, clock)
        await made.open()
        yield made


class OpcTags:
    """`devices.tags.port.Tags` of one device."""

    def __init__(
        self, line: Line, tags: Mapping[str, NodeTag], config: OpcUa, clock: Clock
    ) -> None:
        self.line, self._clock = line, clock
        self._tags, self._config = tags, config
        self._nodes = {name: line.node(tag.node) for name, tag in tags.items()}
        self._polled = tuple(name for name, tag in tags.items() if tag.access != "w")
        self._values: dict[str, Value] = {}
        self._types: dict[str, ua.VariantType] = {}
        self._changed: dict[str, Value] = {}
        self._told = asyncio.Event()
        self._at: datetime = clock.now()
        self._loop = asyncio.get_running_loop()

    async def open(self) -> None:
        await self.read(*self._polled)
        for name in self._polled:
            found = self._values[name]
            if found.quality == "bad" and any(one in found.reason for one in GONE):
                raise Refused(self.line.device, f"{name}: {found.reason}")

    async def run(self) -> None:
        """Reads all tags on an absolute schedule; raises Unreachable."""
        await until_one_fails(self.line.keep(), self._poll())

    async def _poll(self) -> None:
        due = self._loop.time()
        while True:
            due = max(due + self._config.publishing_s, self._loop.time())
            await asyncio.sleep(due - self._loop.time())
            with suppress(NoReply):  # counted; the values go stale by their age
                await self.read(*self._polled)

    def value(self, name: str) -> Value:
        return self._values[name]

    def view(self) -> dict[str, Value]:
        fresh = self._clock.now() - self._at <= STALE_AFTER * timedelta(
            seconds=self._config.publishing_s
        )
        return {
            name: replace(value, at=self._at)
            if fresh or value.quality != "good"
            else replace(value, at=self._at, quality="stale", reason="not read lately")
            for name, value in self._values.items()
        }

    async def changes(self) -> AsyncIterator[dict[str, Value]]:
        while True:
            await self._told.wait()
            self._told.clear()
            changed, self._changed = self._changed, {}
            yield changed

    async def together(self, *names: str) -> dict[str, Value]:
        return await self.read(*names)

    async def read(self, *names: str) -> dict[str, Value]:
        wanted = [ua.ReadValueId(self._nodes[name], AttributeIds.Value) for name in names]
        params = ua.ReadParameters(NodesToRead=wanted)
        answers: list[Any] = await self.line.ask(self.line.services.read(params))
        now = self._clock.now()
        if names == self._polled:
            self._at = now
        return {
            name: self._take(name, answer, now) for name, answer in zip(names, answers, strict=True)
        }

    async def write(self, *steps: Mapping[str, Plain], before: datetime | None = None) -> None:
        for step in [[self._written(name, value) for name, value in s.items()] for s in steps]:
            if before is not None and self._clock.now() >= before:
                raise TooLate
            params = ua.WriteParameters(NodesToWrite=step)
            codes: list[Any] = await self.line.ask(self.line.services.write(params))
            for code in codes:
                if not code.is_good():
                    told = f"refuses a write: {words.of(code.value)}"
                    raise Denied(self.line.device, told, code.value)

    def _written(self, name: str, value: Plain) -> ua.WriteValue:
        variant = written(name, self._tags[name], value, self._types)
        return ua.WriteValue(self._nodes[name], AttributeIds.Value, Value=ua.DataValue(variant))

    def _take(self, name: str, answer: ua.DataValue, now: datetime) -> Value:
        fresh = valued(self._tags[name], answer, now)
        if answer.Value is not None:
            self._types[name] = answer.Value.VariantType
        known = self._values.get(name)
        if known is None or (known.value, known.reason) != (fresh.value, fresh.reason):
            self._values[name] = self._changed[name] = fresh
            self._told.set()
        return fresh
