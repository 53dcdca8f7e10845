"""Telemetry: what it costs to publish every poll through the durable queue, beside a plain asyncio
job that polls and publishes the same registers without one; what comes late, and what is missing.

Each job is a process of its own, so that CPU and memory are the job's alone.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.benchmarks.telemetry_job import EVERY_S
from tests.benchmarks.telemetry_peer import STEP_S
from tests.devices.brokers import Broker

WARM_S, RUN_S, RUNS, AWAY_S, PATIENCE_S = 1.5, 4.0, 5, 3.0, 10.0
SETTLE_S = 0.5
"""When nothing has come for so long, nothing more comes."""
Row = tuple[str, float | str, float | str, str]


@dataclass
class Heard:
    """What a subscriber got: when, and of which polls."""

    messages: int = 0
    values: int = 0
    late_s: list[float] = field(default_factory=list)
    seqs: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    newest: dict[str, int] = field(default_factory=dict)
    at: list[float] = field(default_factory=list)

    def take(self, payload: bytes) -> None:
        now, told = monotonic(), json.loads(payload)
        device, values = told["device"], told["values"]
        self.messages += 1
        self.values += len(values)
        self.at.append(now)
        if "seq" in told:
            self.seqs[device].append(told["seq"])
        step = values.get("r0")
        if step is not None and step != self.newest.get(device):
            if device in self.newest:
                steps = int(now / STEP_S)
                self.late_s.append(now - (steps - (steps - step & 0xFFFF)) * STEP_S)
            self.newest[device] = step

    def settle(self) -> None:
        while monotonic() < self.at[-1] + SETTLE_S:
            sleep(SETTLE_S / 5)

    def missing(self) -> int:
        """Numbers that were left out, of all devices."""
        return sum(max(s) - min(s) + 1 - len(set(s)) for s in self.seqs.values() if s)


@dataclass(frozen=True)
class Ran:
    cpu: float
    """Of one core."""
    rss_mb: float
    on_schedule: float
    p99_s: float
    delivered: float
    """Values, of those that were polled."""
    missing: int


def rows() -> list[Row]:
    turns = [[ran(kind, 10, 100) for kind in ("ours", "always", "floor")] for _ in range(RUNS)]
    ours, always, plain = (list(runs) for runs in zip(*turns, strict=True))
    small, large = ran("ours", 200, 20), ran("ours", 20, 1000)
    kept = median(one.on_schedule for one in ours)
    largest = max(one.rss_mb for one in (*ours, *always))
    name = "telemetry of 10 devices x 100 registers @ 100 ms"
    return [
        (f"{name}: CPU s in 10 s", _cpu(ours), _cpu(plain), "<= 2.5x, aim 2x"),
        ("- the same, each message through the disk", _cpu(always), _cpu(plain), "<= 2.5x"),
        ("- polls on schedule", f"{100 * kept:.2f} %", "-", ">= 99.5 %"),
        ("- change -> received, p99", _late(ours), _late(plain), "<= 120 ms"),
        ("- the same, each message through the disk", _late(always), _late(plain), "<= 120 ms"),
        ("- resident", f"{largest:.0f} MB", f"{plain[0].rss_mb:.0f} MB", "< 100 MB"),
        ("- values delivered; numbers missing", _told([*ours, *always]), "-", "all; 0"),
        ("telemetry of 200 x 20 @ 100 ms: part of a core", f"{small.cpu:.2f}", "-", "< 1"),
        ("- values delivered; numbers missing", _told([small]), "-", "all; 0"),
        ("telemetry of 20 x 1000 @ 100 ms: part of a core", f"{large.cpu:.2f}", "-", "< 1"),
        ("- values delivered; numbers missing", _told([large]), "-", "all; 0"),
        *_away(),
    ]


def _cpu(runs: list[Ran]) -> float:
    return 10 * median(one.cpu for one in runs)


def _late(runs: list[Ran]) -> float:
    return median(one.p99_s for one in runs)


def _told(runs: list[Ran]) -> str:
    return f"{100 * min(one.delivered for one in runs):.2f} %; {sum(r.missing for r in runs)}"


def _away() -> list[Row]:
    """The broker is stopped for a while; then the first data, and whether all came. It keeps what
    the subscriber misses while that one comes back, too."""
    with _running("ours", 10, 100, durable=True) as (broker, heard, _, _):
        sleep(WARM_S)
        broker.stop()
        sleep(AWAY_S)
        before = heard.messages
        broker.start()
        back = monotonic()
        while heard.messages == before and monotonic() < back + PATIENCE_S:
            sleep(0.005)
        first_s = next(iter(heard.at[before:]), monotonic()) - back
        sleep(2 * WARM_S)
        missing = heard.missing()
    name = f"telemetry after {AWAY_S:g} s without the broker: first data"
    return [(name, first_s, 0.0, "<= 1 s"), ("- numbers missing", str(missing), "-", "0")]


def ran(kind: str, devices: int, registers: int) -> Ran:
    with _running(kind, devices, registers) as (_, heard, job, peers):
        sleep(WARM_S)
        begun = _ask(job)
        sleep(RUN_S)
        ended = _ask(job)
        late = sorted(heard.late_s)
        polls: list[list[float]] = json.loads(peers.communicate("")[0])
        over = monotonic() - EVERY_S
        heard.settle()
    begin, end = begun["at"], ended["at"]
    due = (end - begin) / EVERY_S
    polled = sum(at < over for times in polls for at in times) * registers
    kept = [sum(begin <= at < end for at in times) / due for times in polls]
    return Ran(
        cpu=(ended["cpu_s"] - begun["cpu_s"]) / (end - begin),
        rss_mb=ended["rss_mb"],
        on_schedule=min(1.0, sum(kept) / len(kept)),
        p99_s=late[int(len(late) * 0.99)] if late else 0.0,
        delivered=min(1.0, heard.values / polled),
        missing=heard.missing(),
    )


@contextmanager
def _running(
    kind: str, devices: int, registers: int, *, durable: bool = False
) -> Iterator[tuple[Broker, Heard, Any, Any]]:
    """Stations, broker, subscriber and the job."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert program is not None, "the telemetry benchmark needs mosquitto"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = _broker(Path(program), folder, durable)
        stack.callback(broker.dies)
        heard = stack.enter_context(_subscriber(broker.port))
        peers = stack.enter_context(_program("telemetry_peer", str(devices)))
        ports = json.loads(_line(peers))
        arguments = [kind, broker.port, registers, folder, *ports]
        job = stack.enter_context(_program("telemetry_job", *map(str, arguments)))
        assert _line(job) == "running\n"
        yield broker, heard, job, peers


def _broker(program: Path, folder: Path, durable: bool) -> Broker:
    """By itself Mosquitto drops what a subscriber is more than a thousand messages behind."""
    broker = Broker(program, folder, durable=durable)
    broker.stop()
    with (folder / "mosquitto.conf").open("a") as conf:
        conf.write("max_queued_messages 0\n")
    broker.start()
    return broker


@contextmanager
def _subscriber(port: int) -> Iterator[Heard]:
    """QoS 1 with a session of its own."""
    heard, ready = Heard(), threading.Event()
    version, session = CallbackAPIVersion.VERSION2, {"clean_session": False}
    client = paho.Client(version, "bench", protocol=paho.MQTTv311, **session)  # type: ignore[arg-type]
    client.reconnect_delay_set(0.05, 0.1)  # type: ignore[arg-type]

    def connected(*_: Any) -> None:
        client.subscribe("bench/#", 1)

    client.on_connect = connected
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _c, _d, message: heard.take(bytes(message.payload))
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert ready.wait(10)
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def _program(module: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _ask(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write("now\n")
    process.stdin.flush()
    told: dict[str, Any] = json.loads(_line(process))
    return told
