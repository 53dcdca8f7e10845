"""MQTT 3.1.1 for the loop: the one file that knows paho.

One connection per device session: it lives exactly as long as the session, has its own receipts and
its own persistent session at the broker, and one talkative device cannot hold up another's presses.
Events (QoS 1) stay unacknowledged at the broker until `ack`; of a state only the newest is kept.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Concatenate, Final, ParamSpec

from paho.mqtt.client import Client, MQTTMessage, topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from devices.errors import Refused, Unreachable
from devices.mailbox import Mailbox
from devices.map.schema import Mqtt
from devices.mqtt_drops import Drops
from devices.mqtt_rivals import STAYS_S, name_of
from devices.mqtt_tls import papers

OPEN_WITHIN_S: Final = 3.0
CLOSE_WITHIN_S: Final = 1.0
ASKED_EVERY_S: Final = 1.5
ANSWERS_WITHIN_S: Final = 2.5
"""A broker that is frozen, or behind a cut wire, says nothing and drops nothing: it is asked."""
WAITING_AT_MOST: Final = 1000
"""Messages that wait for the loop; a QoS 1 event beyond it is left to the broker."""
UNACKED_AT_MOST: Final = 256
"""Of our own QoS 1 messages: a broker that acknowledges none of so many is as good as away."""
LONGEST: Final = 64 * 1024
"""Bytes of a payload; no device of ours says more at once."""

_CALLBACKS: Final = (
    *("on_socket_open", "on_connect", "on_connect_fail"),
    *("on_subscribe", "on_unsubscribe", "on_disconnect", "on_message"),
)

log = logging.getLogger(__name__)
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Topic:
    """What to listen to. `state`: only the newest message per topic counts, and none of them is
    worth keeping at the broker while we are away."""

    filter: str
    qos: int = 1
    state: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    retained: bool
    receipt: int | None = None
    """The broker's number for a message that it repeats until it is acknowledged."""


def _guarded(
    callback: Callable[Concatenate["MqttLine", P], None],
) -> Callable[Concatenate["MqttLine", P], None]:
    """What a callback raises would end paho's thread in silence: it ends the line instead."""

    def call(self: "MqttLine", /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(self, *args, **kwargs)
        except Exception as bug:
            self._fail(bug)

    return call


class MqttLine:
    def __init__(self, device: str, config: Mqtt, topics: Sequence[Topic], drops: Drops) -> None:
        self._device, self._config, self._topics = device, config, topics
        self._drops = drops
        self._mailbox: Mailbox[Message] = Mailbox(WAITING_AT_MOST)
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._closed = asyncio.Event()
        self._answered = asyncio.Event()
        self._client = self._new_client()

    async def take(self, until: float | None = None) -> list[Message]:
        """What has come; nothing after `wake`, or at the loop's time `until`.

        Raises Unreachable when the line is down.
        """
        try:
            async with asyncio.timeout_at(until):
                return await self._mailbox.take()
        except TimeoutError:
            return []

    def wake(self) -> None:
        self._mailbox.wake()

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        """Does not wait, never retains. Raises Unreachable when the broker takes no more."""
        sent = self._client.publish(topic, payload, qos)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise Unreachable(self._device, f"the broker takes nothing more ({sent.rc.name})")

    def ack(self, message: Message) -> None:
        """The broker may forget it. Nothing happens when the line is down: it is sent again."""
        if message.receipt is not None and not self._closed.is_set():
            self._client.ack(message.receipt, 1)

    @property
    def client_id(self) -> str:
        return f"{self._config.client_id}-{self._device}"

    @property
    def down(self) -> bool:
        return self._closed.is_set()

    async def lasts(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return True
        return False

    async def watch(self) -> None:
        """Until the broker does not answer. What it is asked to forget is something that we never
        listened to: an answer that costs nothing and needs no rights."""
        while True:
            await asyncio.sleep(ASKED_EVERY_S)
            self._answered.clear()
            self._client.unsubscribe(f"{self.client_id}/nothing")
            try:
                async with asyncio.timeout(ANSWERS_WITHIN_S):
                    await self._answered.wait()
            except TimeoutError:
                if not self._answered.is_set():  # else it was this loop that was late
                    self._end("the broker does not answer")
                    return

    def _new_client(self) -> Client:
        config = self._config
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=config.clean_session,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = OPEN_WITHIN_S
        client.max_inflight_messages_set(0)  # what we send leaves now or never
        client.max_queued_messages_set(UNACKED_AT_MOST)
        ours = papers(self._device, config)
        if ours.user is not None:
            client.username_pw_set(ours.user, ours.password)
        if ours.tls is not None:
            client.tls_set_context(ours.tls)
        for name in _CALLBACKS:
            setattr(client, name, getattr(self, f"_{name}"))
        return client

    async def _open(self) -> None:
        where = f"{self._config.host}:{self._config.port}"
        self._client.connect_async(
            self._config.host, self._config.port, max(1, round(self._config.keepalive_s))
        )
        self._client.loop_start()
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                await self._opened
        except TimeoutError as err:
            raise Unreachable(self._device, f"no answer from the broker at {where}") from err

    async def _close(self) -> None:
        """A broker that is frozen takes no farewell: then the socket is shut."""
        sock = self._client.socket()
        if self._client.disconnect() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            try:
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await self._closed.wait()
            except TimeoutError:
                with suppress(OSError, AttributeError):
                    sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        await asyncio.to_thread(self._client.loop_stop)
        for name in _CALLBACKS:  # else client and line hold each other, and two sockets with them
            setattr(self._client, name, None)

    # --- on paho's thread -------------------------------------------------------------------------

    @_guarded
    def _on_socket_open(self, client: Client, data: Any, sock: Any) -> None:
        """Nagle's algorithm would hold a QoS 1 message for 44 ms."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @_guarded
    def _on_connect(self, client: Client, data: Any, flags: Any, code: ReasonCode, _: Any) -> None:
        if code.is_failure:
            self._end(f"the broker refuses us: {code}")
            return
        client.subscribe([(topic.filter, topic.qos) for topic in self._topics])

    @_guarded
    def _on_connect_fail(self, client: Client, data: Any) -> None:
        client.disconnect()  # paho would wait a second for nothing
        where = f"{self._config.host}:{self._config.port}"
        self._end(f"no broker answers at {where}")

    @_guarded
    def _on_subscribe(
        self, client: Client, data: Any, mid: int, codes: list[ReasonCode], _: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            self._end("the broker does not let us listen", hint="what does its ACL say?")
            return
        self._loop.call_soon_threadsafe(self._finish_opening, None)

    @_guarded
    def _on_unsubscribe(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._answered.set)

    @_guarded
    def _on_disconnect(self, client: Client, data: Any, flags: Any, code: Any, _: Any) -> None:
        self._loop.call_soon_threadsafe(self._closed.set)
        self._end(f"the line to the broker is down: {code}")

    @_guarded
    def _on_message(self, client: Client, data: Any, message: MQTTMessage) -> None:
        topic = _topic(message)
        state = topic is not None and self._is_state(topic)
        objection = _objection(message, state)
        kept = topic is not None and not objection and not state and message.qos == 1
        if message.qos == 1 and not kept:
            client.ack(message.mid, 1)
        if topic is None or objection:
            self._drop(topic or "a topic that is no UTF-8", objection or "nobody can read it")
            return
        receipt = message.mid if kept else None
        told = Message(topic, bytes(message.payload), message.retain, receipt)
        if not self._mailbox.put(told, topic if state else None):
            why = f"more than {WAITING_AT_MOST} messages wait"
            self._end(why, hint="the broker sends the rest again")

    def _drop(self, topic: str, why: str) -> None:
        if self._drops.add(self._device, topic, why):
            log.warning("%s: a message on %s is not taken: %s", self._device, topic, why)

    def _is_state(self, topic: str) -> bool:
        return any(one.state and topic_matches_sub(one.filter, topic) for one in self._topics)

    def _end(self, problem: str, hint: str = "") -> None:
        self._fail(Unreachable(self._device, problem, hint=hint))

    def _fail(self, why: Exception) -> None:
        self._mailbox.end(why)
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._finish_opening, why)

    # --- on the loop ------------------------------------------------------------------------------

    def _finish_opening(self, why: Exception | None) -> None:
        if self._opened.done():
            return
        if why is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(why)


@asynccontextmanager
async def connected(
    device: str, config: Mqtt, topics: Sequence[Topic], drops: Drops
) -> AsyncIterator[MqttLine]:
    """Subscribed when it yields; with a persistent session what waited at the broker comes first.
    drops: counts what nobody may take.

    Raises Unreachable when the broker does not answer or refuses us.
    """
    line, loop = MqttLine(device, config, topics, drops), asyncio.get_running_loop()
    name = name_of(config, line.client_id)
    opened: float | None = None
    watching: asyncio.Task[None] | None = None
    try:
        await line._open()
        opened = loop.time()
        if name.contested and not await line.lasts(STAYS_S):
            again = f"the broker drops {line.client_id} again and again"
            raise Refused(device, f"{again}: does another client have this name?")
        watching = asyncio.create_task(line.watch(), name=f"{device}: is the broker there?")
        yield line
    finally:
        if watching is not None:
            watching.cancel()
        name.ended(None if opened is None else loop.time() - opened, by_us=not line.down)
        await line._close()


def _objection(message: MQTTMessage, state: bool) -> str:
    """Why nobody may take it; empty when it is good."""
    if len(message.payload) > LONGEST:
        return f"{len(message.payload)} bytes, at most {LONGEST} are taken"
    if message.retain and not state:
        return "it was retained, so nobody knows when it was said: publish it without `retain`"
    return ""


def _topic(message: MQTTMessage) -> str | None:
    try:
        return message.topic
    except UnicodeDecodeError:
        return None
