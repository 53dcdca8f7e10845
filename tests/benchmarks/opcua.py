"""An OPC UA write, and a read of a hundred tags, beside bare asyncua against the same server: open
and encrypted lines, medians of alternating runs."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from devices.home import placed
from devices.map.connections import OpcSecurity, OpcUa
from devices.map.schema import NodeTag
from devices.tags.opcua import OpcTags, opcua_tags
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.opc_peer import NODES, URI

RUNS, WRITES, READS = 5, 200, 20
Row = tuple[str, float, float, str]
TAGS = {
    "speed": NodeTag(node="plant;s=Speed", type="double", access="rw", range=(0, 9)),
    **{f"t{n}": NodeTag(node="plant;s=Count", type="uint32") for n in range(100)},
}
HUNDRED = tuple(name for name in TAGS if name != "speed")


def rows() -> Iterator[Row]:
    """(path, our seconds, the floor's seconds, the bar)."""
    with TemporaryDirectory() as folder, served(Path(folder)) as port:
        for secured in (False, True):
            yield from asyncio.run(both(Path(folder), port, secured))


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port of a server in a process of its own, whose certificate is trusted in `folder`."""
    trusted = folder / "pki" / "trusted"
    trusted.mkdir(parents=True)
    asked = json.dumps({"papers": str(trusted / "server.der")})
    command = [sys.executable, "-m", "tests.devices.tags.opc_peer", asked]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["port"]
    finally:
        process.terminate()
        process.wait(timeout=15)
        process.stdout.close()


async def both(folder: Path, port: int, secured: bool) -> list[Row]:
    name = "encrypted" if secured else "open"
    url = f"opc.tcp://127.0.0.1:{port}/plant"
    async with ours(folder, url, secured) as tags, bare(folder, url, secured) as client:
        index = await client.get_namespace_index(URI)
        speed = client.get_node(f"ns={index};s=Speed")
        nodes = [client.get_node(f"ns={index};s=Count")] * 100
        variant = ua.DataValue(ua.Variant(1.5, NODES["Speed"][1]))

        async def write() -> None:
            await tags.write({"speed": 1.5})

        async def read() -> None:
            await tags.read(*HUNDRED)

        writing = await medians(WRITES, write, lambda: speed.write_value(variant))
        reading = await medians(READS, read, lambda: client.read_values(nodes))
    return [
        (f"OPC UA write, {name}; floor: bare asyncua", *writing, "<= 1.5x"),
        (f"OPC UA read of 100 tags, {name}; floor: bare asyncua", *reading, "printed"),
    ]


@asynccontextmanager
async def ours(folder: Path, url: str, secured: bool) -> AsyncIterator[OpcTags]:
    security = OpcSecurity(policy="Basic256Sha256", mode="SignAndEncrypt") if secured else None
    made = OpcUa(
        type="opcua", url=url, security=security, insecure=not secured, namespaces={"plant": URI}
    )
    line = placed(made, folder)
    assert isinstance(line, OpcUa)
    async with opcua_tags("bench", TAGS, line, RunningClock()) as tags:
        yield tags


@asynccontextmanager
async def bare(folder: Path, url: str, secured: bool) -> AsyncIterator[Client]:
    client = Client(url)
    if secured:
        own, server = folder / "pki" / "own", folder / "pki" / "trusted" / "server.der"
        keys = str(own / "cert.der"), str(own / "key.pem"), None, str(server)
        await client.set_security(SecurityPolicyBasic256Sha256, *keys)
    async with client:
        yield client


async def medians(
    times: int, ours: Callable[[], Awaitable[object]], floor: Callable[[], Awaitable[object]]
) -> tuple[float, float]:
    """Seconds for one request each, of alternating runs; both warm."""
    pairs = [(await seconds(times, ours), await seconds(times, floor)) for _ in range(RUNS + 1)][1:]
    one, other = (median(run) for run in zip(*pairs, strict=True))
    return one, other


async def seconds(times: int, work: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(times):
        began = perf_counter()
        await work()
        took.append(perf_counter() - began)
    return median(took)
