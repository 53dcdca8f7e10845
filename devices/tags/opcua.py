"""OPC UA tags through asyncua, which is known to this file alone.

One batch read per publishing interval instead of a subscription: what is shown is what the server
said just now, and a silent server is known after two intervals. Every attempt is a new client, and
nodes are found by namespace URI, because indexes move when a server restarts.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError

from devices.cancelled import raise_if_cancelled
from devices.device import Clock
from devices.errors import Refused, Unreachable
from devices.map.schema import NodeTag, OpcUa, RegisterTag
from devices.tags.codec import Unwritable
from devices.tags.port import Denied, NoReply, TooLate
from devices.tags.value import Plain, Value

logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # the supervisor says a fact once

VARIANTS: Final = {
    "bool": ua.VariantType.Boolean, "int16": ua.VariantType.Int16, "uint16": ua.VariantType.UInt16,
    "int32": ua.VariantType.Int32, "uint32": ua.VariantType.UInt32, "int64": ua.VariantType.Int64,
    "uint64": ua.VariantType.UInt64, "float32": ua.VariantType.Float,
    "float": ua.VariantType.Float, "float64": ua.VariantType.Double,
    "double": ua.VariantType.Double, "string": ua.VariantType.String,
    "enum": ua.VariantType.Int32,
}  # fmt: skip
SESSION_MS: Final = 30_000
"""How long a server keeps a session whose gateway was killed."""
GOODBYE_S: Final = 0.5
MISSES: Final = 2
STALE_AFTER: Final = 3
"""Intervals after which a value is stale."""


@asynccontextmanager
async def opcua_tags(
    device: str, tags: Mapping[str, RegisterTag | NodeTag], config: OpcUa, clock: Clock
) -> AsyncIterator["OpcTags"]:
    """Connected, nodes resolved and read once. Raises DeviceError."""
    if config.security is not None or config.user is not None:
        raise Refused(device, "signed and encrypted OPC UA is not supported by this release")
    nodes = {name: tag for name, tag in tags.items() if isinstance(tag, NodeTag)}
    client = Client(config.url, timeout=config.timeout_s)
    client.session_timeout = SESSION_MS
    try:
        indexes = await _connect(device, client, config)
        opened = OpcTags(device, client, nodes, indexes, config, clock)
        await opened.open()
        yield opened
    finally:
        with suppress(Exception):  # whatever a dying line raises: nobody needs it any more
            async with asyncio.timeout(GOODBYE_S):
                await client.disconnect()
        client.disconnect_socket()


async def _connect(device: str, client: Client, config: OpcUa) -> dict[str, int]:
    """Alias -> index of the namespace on this server, now."""
    try:
        async with asyncio.timeout(config.timeout_s):
            await client.connect()
            found = await client.get_namespace_array()
            raise_if_cancelled()
    except (OSError, TimeoutError, UaError) as err:
        raise Unreachable(device, f"no OPC UA server answers at {config.url}") from err
    for alias, uri in config.namespaces.items():
        if uri not in found:
            raise Unreachable(device, f"the server has no namespace {uri} ({alias})")
    return {alias: found.index(uri) for alias, uri in config.namespaces.items()}


class OpcTags:
    """The tags of one device over one open session (`devices.tags.port.Tags`)."""

    def __init__(
        self,
        device: str,
        client: Client,
        tags: Mapping[str, NodeTag],
        indexes: Mapping[str, int],
        config: OpcUa,
        clock: Clock,
    ) -> None:
        self._device, self._client, self._clock = device, client, clock
        self._tags, self._config = tags, config
        self._nodes = {name: _node(tag.node, indexes) for name, tag in tags.items()}
        self._polled = tuple(name for name, tag in tags.items() if tag.access != "w")
        self._values: dict[str, Value] = {}
        self._changed: dict[str, Value] = {}
        self._told = asyncio.Event()
        self._at: datetime = clock.now()
        self._misses = 0
        self._loop = asyncio.get_running_loop()

    async def open(self) -> None:
        await self.read(*self._polled)
        unknown = [name for name in self._polled if self._values[name].quality == "bad"]
        for name in unknown:
            raise Refused(self._device, f"{name}: {self._values[name].reason}")

    async def run(self) -> None:
        """Reads all tags on an absolute schedule; raises Unreachable."""
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
        answers: list[Any] = await self._ask(self._client.uaclient.read(params))
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
            codes: Iterable[Any] = await self._ask(self._client.uaclient.write(params))
            for code in codes:
                if not code.is_good():
                    raise Denied(self._device, f"refuses a write: {code.name}", code.value)

    def _written(self, name: str, value: Plain) -> Any:
        tag = self._tags[name]
        if isinstance(value, tuple):
            raise Unwritable(f"{name}: several values at once are not written")
        if tag.range is not None and not tag.range[0] <= float(value) <= tag.range[1]:
            raise Unwritable(f"{value} lies outside {tag.range[0]:g}..{tag.range[1]:g}")
        variant = ua.Variant(value, VARIANTS[tag.type])
        return ua.WriteValue(self._nodes[name], AttributeIds.Value, Value=ua.DataValue(variant))

    async def _ask(self, request: Awaitable[Any]) -> Any:
        """Two requests in a row without an answer, and the line is dead."""
        try:
            async with asyncio.timeout(self._config.timeout_s):
                answer = await request
                raise_if_cancelled()
        except TimeoutError as err:
            self._misses += 1
            if self._misses >= MISSES:
                raise Unreachable(self._device, "does not answer") from err
            raise NoReply(self._device, "no answer in time") from err
        except (OSError, UaError) as err:
            raise Unreachable(self._device, "the server ended the session") from err
        self._misses = 0
        return answer

    def _take(self, name: str, answer: Any, now: datetime) -> Value:
        fresh = self._valued(name, answer, now)
        known = self._values.get(name)
        if known is None or (known.value, known.reason) != (fresh.value, fresh.reason):
            self._values[name] = self._changed[name] = fresh
            self._told.set()
        return fresh

    def _valued(self, name: str, answer: Any, now: datetime) -> Value:
        tag = self._tags[name]
        if answer.StatusCode is not None and not answer.StatusCode.is_good():
            return Value(None, now, tag.unit, "bad", answer.StatusCode.name)
        value = None if answer.Value is None else answer.Value.Value
        if not isinstance(value, (bool, int, float, str)):
            return Value(None, now, tag.unit, "bad", "no value")
        if tag.enum is not None:
            named = tag.enum.get(int(value))
            return Value(named, now, tag.unit, "good" if named else "bad", "" if named else "?")
        if tag.scale != 1 or tag.offset != 0:
            value = round(float(value) * tag.scale + tag.offset, 9)
        return Value(value, now, tag.unit)


def _node(text: str, indexes: Mapping[str, int]) -> ua.NodeId:
    """`plant;s=Merge.Running` with the index that the namespace has on this server."""
    alias, _, identifier = text.partition(";")
    return ua.NodeId.from_string(f"ns={indexes[alias]};{identifier}")
