"""What tests of MQTT simulators need: a broker of their own, a client that remembers, a world."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from simulators.bus import BusServer, Message
from simulators.child import Child, Program
from simulators.running import Spawn

WITHIN_S = 10.0
Heard = tuple[str, Any, bool]
"""Topic, JSON, retained."""


@asynccontextmanager
async def child(program: Program, folder: Path, spawn: Spawn) -> AsyncIterator[Child]:
    one = Child(program, folder, spawn)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


def broker(folder: Path) -> Program:
    return Program("broker", "simulators.broker", ("--state", str(folder / "broker")))


class Peer:
    """The gateway's side of the broker; a name of its own makes its session outlive the line."""

    def __init__(self, port: int, topic: str, name: str) -> None:
        self.heard: deque[Heard] = deque(maxlen=1000)
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        client = paho.Client(
            CallbackAPIVersion.VERSION2, name, clean_session=not name, protocol=paho.MQTTv311
        )
        client.reconnect_delay_set(1, 1)
        self._topic, client.on_connect = topic, self._on_connect
        self.subscribed, client.on_subscribe = asyncio.Event(), self._on_subscribe
        client.on_message = self._on_message
        client.connect_async("127.0.0.1", port)
        client.loop_start()
        self._client = client

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(self._topic, 1)

    def _on_subscribe(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self.subscribed.set)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        heard = (message.topic, json.loads(message.payload), message.retain)
        self._loop.call_soon_threadsafe(self._note, heard)

    def _note(self, heard: Heard) -> None:
        self.heard.append(heard)
        self._news.set()

    def say(self, topic: str, content: Any, qos: int = 1, retain: bool = False) -> None:
        self._client.publish(topic, json.dumps(content), qos=qos, retain=retain)

    async def hears(self, which: Callable[[Heard], bool]) -> Heard:
        """The first message of that kind among those not waited for yet; forgets those before."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                while self.heard:
                    if which(heard := self.heard.popleft()):
                        return heard
                self._news.clear()
                await self._news.wait()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@asynccontextmanager
async def peer(port: int, topic: str, name: str = "") -> AsyncIterator[Peer]:
    one = Peer(port, topic, name)
    try:
        async with asyncio.timeout(WITHIN_S):
            await one.subscribed.wait()
        yield one
    finally:
        one.close()


class World:
    """A stub of the world bus for one device."""

    def __init__(self) -> None:
        self.acts: asyncio.Queue[Message] = asyncio.Queue()
        self.standing: list[Message] = []
        self.bus = BusServer(
            acted=lambda _, act: self.acts.put_nowait(act),
            standing=lambda _: self.standing,
            gone=lambda _: None,
            asked=lambda _: {},
        )

    async def sees(self, which: Callable[[Message], bool]) -> Message:
        async with asyncio.timeout(WITHIN_S):
            while not which(act := await self.acts.get()):
                pass
            return act


@asynccontextmanager
async def world() -> AsyncIterator[tuple[World, str]]:
    one = World()
    at = await one.bus.listen()
    try:
        yield one, f"{at.host}:{at.port}"
    finally:
        await one.bus.close()
