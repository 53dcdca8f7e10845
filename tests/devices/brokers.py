"""Mosquitto as a process of its own, and a plain MQTT client as the device behind it."""

import asyncio
import json
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from devices.map.schema import Mqtt
from tests.devices.peers import PATIENCE_S

CONF = """\
listener {port} 127.0.0.1
allow_anonymous true
set_tcp_nodelay true
persistence {persistence}
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
user root
"""


class Broker:
    """Keeps its port when it is started again; `durable` keeps sessions and retained messages."""

    def __init__(self, program: Path, folder: Path, *, durable: bool = True) -> None:
        self.port = _free_port()
        self._program, self._folder = program, folder
        persistence = "true" if durable else "false"
        text = CONF.format(port=self.port, persistence=persistence, folder=folder)
        (folder / "mosquitto.conf").write_text(text)
        self.start()

    @property
    def connection(self) -> Mqtt:
        return Mqtt.model_validate(
            {"type": "mqtt", "host": "127.0.0.1", "port": self.port, "client_id": "wedge-test"}
        )

    def start(self) -> None:
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-c", self._folder / "mosquitto.conf"], stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_S
        while not _listens(self.port):
            assert time.monotonic() < until, (self._folder / "mosquitto.log").read_text()
            time.sleep(0.005)

    def stop(self) -> None:
        """In good order: what it keeps is on disk. It forgets a signal that comes as it starts."""
        until = time.monotonic() + PATIENCE_S
        while self._process.poll() is None:
            assert time.monotonic() < until, "the broker does not end"
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)

    def allows_only(self, user: str, password: str) -> None:
        """From the next start on. The file of passwords is made by Mosquitto's own program."""
        users = self._folder / "users"
        subprocess.run(["mosquitto_passwd", "-b", "-c", users, user, password], check=True)
        conf = self._folder / "mosquitto.conf"
        text = conf.read_text().replace("allow_anonymous true", "allow_anonymous false")
        conf.write_text(f"{text}password_file {users}\n")

    def dies(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def freezes(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaws(self) -> None:
        self._process.send_signal(signal.SIGCONT)


class MqttPeer:
    """A device on the broker: says what a test says, remembers what it is told."""

    def __init__(self, broker: Broker, *topics: str, will: tuple[str, Any] | None = None) -> None:
        self._broker, self._topics = broker, topics
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._subscribed = asyncio.Event()
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        if will is not None:
            client.will_set(will[0], json.dumps(will[1]), qos=1, retain=True)
        client.on_socket_open = _no_delay
        client.on_connect = lambda *_: self._connected()
        client.on_subscribe = lambda *_: self._ready()
        client.on_message = lambda _c, _d, message: self._heard(message)
        self.client = client

    async def __aenter__(self) -> Self:
        self.client.connect("127.0.0.1", self._broker.port)
        self.client.loop_start()
        async with asyncio.timeout(PATIENCE_S):
            await self._subscribed.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.client.disconnect()
        await asyncio.to_thread(self.client.loop_stop)

    async def says(self, topic: str, body: Any, *, retain: bool = False, qos: int = 1) -> None:
        """Returns when the broker has it."""
        payload = body if isinstance(body, bytes) else json.dumps(body)
        sent = self.client.publish(topic, payload, qos=qos, retain=retain)
        await asyncio.to_thread(sent.wait_for_publish, PATIENCE_S)

    async def hears(self) -> tuple[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            return await self._told.get()

    @property
    def waiting(self) -> int:
        return self._told.qsize()

    def dies(self) -> None:
        """Its socket goes without a farewell, so that the broker publishes its last will."""
        self.client.on_disconnect = None
        sock = self.client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> None:
        self.client.subscribe([(topic, 1) for topic in self._topics or ("nothing",)])

    def _ready(self) -> None:
        self._loop.call_soon_threadsafe(self._subscribed.set)

    def _heard(self, message: paho.MQTTMessage) -> None:
        told = message.topic, json.loads(message.payload)
        self._loop.call_soon_threadsafe(self._told.put_nowait, told)


def _no_delay(_client: paho.Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
