"""Pick-light command to lamp answer over MQTT (QoS 1), beside a bare paho ping-pong."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import cast

import paho.mqtt.client as paho
import uvloop
from paho.mqtt.enums import CallbackAPIVersion

from devices.lights.zone import LightZoneDriver
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import LightZone, Mqtt
from gateway.app import SWITCH_S
from gateway.clock import GatewayClock
from tests.benchmarks.lamp_peer import no_delay
from wcs.commands import SetLight
from wcs.envelope import Posted
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import LampAnswered

ROOT = Path(__file__).parents[2]
ROUNDS, RUNS = 500, 3


def rows() -> list[tuple[str, float, float, str]]:
    if shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") is None:
        print("lamp: needs Mosquitto, skipped")
        return []
    sys.setswitchinterval(SWITCH_S)  # as the service does
    ours, floors = [], []
    with broker() as port, peer(port):
        for _ in range(RUNS):
            floors.append(_floor(port))
            ours.append(uvloop.run(_ours(port)))
    middle = RUNS // 2
    return [("pick-light command -> lamp ack, p50", sorted(ours)[middle], sorted(floors)[middle],
             "<= 2x")]  # fmt: skip


def _floor(port: int) -> float:
    """Median seconds of a round trip of a bare client."""
    came = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="floor")
    client.on_socket_open = no_delay
    client.on_message = lambda *_: came.set()
    subscribed = threading.Event()
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe("pong", 1)
    subscribed.wait(5)
    took = []
    for _ in range(ROUNDS):
        came.clear()
        began = perf_counter()
        client.publish("ping", b"x" * 100, qos=1)
        came.wait(5)
        took.append(perf_counter() - began)
    client.disconnect()
    client.loop_stop()
    return sorted(took)[ROUNDS // 2]


async def _ours(port: int) -> float:
    """The same through the zone's driver: `post` to the observation `LampAnswered`."""
    overlay = {"broker": {"host": "127.0.0.1", "port": port}}
    devices = load_map(ROOT / "config" / "demo", overlay)
    config = cast(LightZone, devices.devices["ptl_a"])
    line = cast(Mqtt, devices.connections[config.connection])
    zone, clock = DeviceId("ptl_a"), GatewayClock()
    driver = LightZoneDriver(zone, config, line, clock=clock, live=Live())
    took = []
    async with driver.session() as session:
        seen = session.observations()
        for n in range(ROUNDS):
            task, before = TaskId(f"{n}-1"), datetime.now(UTC) + timedelta(seconds=5)
            command = SetLight(device=zone, light=LightId("A-01"), task=task, qty=3, before=before)
            began = perf_counter()
            session.post(Posted(f"{n}-1", 1, command))
            async for one in seen:
                session.settled(one, None)  # type: ignore[arg-type]
                if isinstance(one.observation, LampAnswered) and one.observation.task == task:
                    break
            took.append(perf_counter() - began)
    return sorted(took)[ROUNDS // 2]


@contextmanager
def broker() -> Iterator[int]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "simulators.broker", "--id", "broker", "--state", folder]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["address"]["port"]
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def peer(port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.benchmarks.lamp_peer", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(10)
