"""The demo's gateway with cartons that already carry their labels, in front of a hand-made tunnel
and PLC (`floor_peer`): for the scan benchmark and the throughput soak."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from time import monotonic, sleep
from typing import Any

import httpx

from sync.hostmessage import to_nobody
from sync.schema import table_of
from sync.store import Store
from wcs.decide import rule
from wcs.messages import dumps
from wcs.model import Carton, Label, Order, OrderLine
from wcs.names import CarrierId, ChannelId, Lpn, Owner, Sku
from wcs.records import index_of

ROOT = Path(__file__).parents[2]
SECRETS = dict.fromkeys(("SHOP_SECRET", "ERP_TOKEN", "CARRIER_TOKEN"), "bench")
DEAD = {"host": "127.0.0.1", "port": 1}
AWAY = ("broker", "tcp_pack", "tcp_scale", "zpl_line", "zpl_hospital")


def seed(path: Path, cartons: int) -> None:
    """Cartons 0..n-1 as they come from the pack line, one order each."""

    async def fill() -> None:
        with Store.open(path, decide=rule, mapping=to_nobody, release="rig") as store:
            for start in range(0, cartons, 100):
                numbers = range(start, min(start + 100, cartons))
                await store.work(lambda db, numbers=numbers: _rows(db, numbers))  # type: ignore[misc]

    asyncio.run(fill())


def _rows(db: Connection, numbers: range) -> None:
    for n in numbers:
        for thing in _carton(n):
            fields = index_of(type(thing))
            names = ", ".join(["key", "body", *(f'"{field}"' for field in fields)])
            marks = ", ".join("?" * (2 + len(fields)))
            values = [getattr(thing, field) for field in fields]
            sql = f"INSERT INTO {table_of(type(thing))}({names}) VALUES({marks})"
            db.execute(sql, (thing.key, dumps(thing), *values))


def _carton(n: int) -> tuple[Order, Carton, Label]:
    carrier = CarrierId("swift" if n % 2 == 0 else "parcelo")
    tracking = f"SW{n:010d}" if n % 2 == 0 else f"PO{n:010d}"
    lpn, now = Lpn(f"L{n:08d}"), datetime.now(UTC)
    order = Order(
        channel=ChannelId("shop"),
        number=str(n),
        owner=Owner("ACME"),
        version=1,
        lines=(OrderLine(line=1, sku=Sku("SKU-001"), qty=1, picked=1),),
        service="standard" if n % 2 == 0 else "express",
        carrier=carrier,
        paid=True,
        customer=None,
        state="packed",
        received_at=now,
        cutoff=now.replace(year=now.year + 1),
        lpn=lpn,
        tracking=tracking,
        told=3,
    )
    carton = Carton(
        lpn=lpn,
        order=order.key,
        state="moving",
        place="scan_pack1",
        next="tunnel1",
        seen_at=now,
        expected_g=500,
        measured_g=500,
        weight_ok=True,
        tracking=tracking,
        carrier=carrier,
        label_asked=True,
    )
    label = Label(lpn=lpn, carrier=carrier, tracking=tracking, zpl="^XA^XZ", prints=1)
    return order, carton, label


@contextmanager
def peer() -> Iterator[tuple["subprocess.Popen[str]", dict[str, int]]]:
    """The tunnel and the PLC, with their ports."""
    command = [sys.executable, "-m", "tests.benchmarks.floor_peer"]
    with _program(command, stdin=subprocess.PIPE) as process:
        yield process, json.loads(_line(process))


def play(process: "subprocess.Popen[str]", **asked: object) -> dict[str, Any]:
    """Lets the cartons run; see `floor_peer` for what is asked and answered."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    result: dict[str, Any] = json.loads(_line(process))
    return result


@contextmanager
def gateway(folder: Path, ports: dict[str, int], cartons: int) -> Iterator[str]:
    """Its URL, once tunnel and sorter are connected."""
    seed(folder / "wedge.db", cartons)
    there = {
        "plc_sorter": {"host": "127.0.0.1", "port": ports["plc"]},
        "tcp_tunnel": {"host": "127.0.0.1", "port": ports["scanner"]},
        "opc_merge": {"url": "opc.tcp://127.0.0.1:1/merge"},
    }
    overlay = folder / "overlay.json"
    overlay.write_text(json.dumps({"connections": {**dict.fromkeys(AWAY, DEAD), **there}}))
    command = [sys.executable, "-m", "gateway", "run", str(ROOT / "config/demo"), "--port", "0"]
    with _program([*command, "--overlay", str(overlay), "--data", str(folder)]) as process:
        url = _line(process).split()[1]
        token = (folder / "local.token").read_text().strip()
        _connected(url, token)
        yield url


def _connected(url: str, token: str) -> None:
    headers, until = {"Authorization": f"Bearer {token}"}, monotonic() + 30
    while monotonic() < until:
        try:
            answer = httpx.get(f"{url}/api/devices", headers=headers, trust_env=False).json()
            up = {device["id"] for device in answer if device["health"] == "up"}
            if {"sorter1", "tunnel1"} <= up:
                return
        except httpx.HTTPError:
            pass
        sleep(0.05)
    raise TimeoutError("tunnel and sorter did not connect")


@contextmanager
def floor(ports: dict[str, int], file: Path) -> Iterator[None]:
    """The hand-written loop instead of the gateway."""
    arguments = [str(ports["scanner"]), str(ports["plc"]), str(file)]
    with _program([sys.executable, "-m", "tests.benchmarks.floor_loop", *arguments]):
        sleep(1.0)  # it says nothing; it has connected long before
        yield


@contextmanager
def _program(command: list[str], **pipes: Any) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **SECRETS},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        **pipes,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=15)


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
