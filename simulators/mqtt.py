"""What devices on MQTT share: one paho client whose callbacks arrive in the event loop.

Publications of QoS 1 that the broker did not acknowledge are sent again after a reconnect by paho
itself; what must be said anew after every connect is said in `connected`.
"""

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

RETRY_S = (0.1, 0.5)
"""Shortest and longest wait between attempts to reach the broker."""


class Line:
    """One device's connection to the broker; comes back by itself."""

    def __init__(
        self,
        client_id: str,
        *,
        connected: Callable[[], None],
        received: Callable[[str, Any], None],
        will: tuple[str, Any],
        topics: list[tuple[str, int]],
        keepalive_s: int = 15,
    ) -> None:
        """`connected` is called whenever the broker has our subscriptions again; `received` gets
        the topic and the parsed JSON; what is not JSON is dropped as noise."""
        self._loop = asyncio.get_running_loop()
        self._connected, self._received, self._topics = connected, received, topics
        self._keepalive_s = keepalive_s
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv311)
        client.will_set(will[0], json.dumps(will[1]), qos=1, retain=True)
        client.reconnect_delay_set(*RETRY_S)  # type: ignore[arg-type]
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_open = _without_nagle
        self._client = client

    def open(self, host: str, port: int) -> None:
        self._client.connect_async(host, port, keepalive=self._keepalive_s)
        self._client.loop_start()

    def publish(self, topic: str, content: Any, *, qos: int = 1, retain: bool = False) -> None:
        self._client.publish(topic, json.dumps(content), qos=qos, retain=retain)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        if not code.is_failure:
            client.subscribe(self._topics)

    def _on_subscribe(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._connected)

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            content = json.loads(message.payload)
        except ValueError:
            return
        self._loop.call_soon_threadsafe(self._received, message.topic, content)


def _without_nagle(_client: paho.Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
