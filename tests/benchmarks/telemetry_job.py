"""The job that the telemetry benchmark measures, alone in its process: polls devices and publishes
what it reads, as Wedge does it or as plainly as asyncio can.

Arguments: `ours`, `always` (ours, each message through the disk) or `floor`, the broker's port,
registers of a device, a folder, the stations' ports. Prints a line when it runs; at each line of
input it prints its CPU seconds and resident megabytes, and ends at the end of input.
"""

import asyncio
import gc
import json
import logging
import os
import resource
import struct
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Literal

import uvloop

EVERY_S, BLOCK = 0.1, 120
TOPIC = "bench/wh1/tags/io{}"


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def ours(
    broker: int, registers: int, folder: Path, ports: list[int], *, always: bool = False
) -> None:
    logging.disable(logging.WARNING)  # its devices go before it does
    from devices.io import IoDriver
    from devices.links import Links
    from devices.live import Live
    from devices.map.schema import Io, ModbusTcp, Mqtt
    from devices.supervise import supervise
    from gateway.sitefile import TelemetryConfig
    from gateway.telemetry import Telemetry
    from wcs.envelope import Seen
    from wcs.names import DeviceId

    async def report(seen: Seen) -> None:
        return None

    line = {"type": "mqtt", "host": "127.0.0.1", "port": broker, "client_id": "bench"}
    connection = Mqtt.model_validate(line)
    disk: Literal["always", "unacknowledged"] = "always" if always else "unacknowledged"
    config = TelemetryConfig(connection="broker", prefix="bench", site="wh1", disk=disk)
    live, clock = Live(), Clock()
    telemetry = Telemetry(config, lambda: connection, folder, live, clock.now, lambda _: False)
    live.polled = telemetry.polled
    tags = {f"r{at}": {"at": f"hr:{at}", "type": "uint16"} for at in range(registers)}
    told = {"kind": "io", "connection": "line", "unit": 1, "tags": tags}
    io = Io.model_validate(told, context={"poll": {"normal": EVERY_S}})
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(telemetry.run())]
        for number, port in enumerate(ports):
            to = {"type": "modbus-tcp", "host": "127.0.0.1", "port": port, "timeout": "3s"}
            id, line_ = DeviceId(f"io{number}"), ModbusTcp.model_validate(to)
            driver = IoDriver(id, io, line_, clock=clock, live=live)
            running = supervise(driver, Links(report, clock), report, clock)
            tasks.append(group.create_task(running))
        gc.freeze()  # as the gateway does
        await told_when_asked()
        for task in tasks:
            task.cancel()
    await telemetry.close()


async def floor(broker: int, registers: int, folder: Path, ports: list[int]) -> None:
    """Streams, one unpack, one dict, one `json.dumps`, one PUBLISH; no queue, no raw words."""
    reader, writer = await asyncio.open_connection("127.0.0.1", broker)
    name = f"floor{os.getpid()}".encode()
    writer.write(b"\x10%c\x00\x04MQTT\x04\x02\x00\x3c\x00%c%b" % (12 + len(name), len(name), name))
    await reader.readexactly(4)
    async with AsyncExitStack() as stack:
        tasks = [asyncio.create_task(acknowledgements(reader))]
        for number, port in enumerate(ports):
            tasks.append(asyncio.create_task(poll(number, port, registers, writer)))
        for task in tasks:
            stack.callback(task.cancel)
        await told_when_asked()


async def acknowledgements(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass


async def poll(number: int, port: int, registers: int, broker: asyncio.StreamWriter) -> None:
    names = [f"r{at}" for at in range(registers)]
    topic = TOPIC.format(number).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop, asked, sent = asyncio.get_running_loop(), 0, number
    due = loop.time()
    while True:
        values: list[int] = []
        for first in range(0, registers, BLOCK):
            count = min(BLOCK, registers - first)
            asked = asked % 65535 + 1
            writer.write(struct.pack(">HHHBBHH", asked, 0, 6, 1, 3, first, count))
            head = await reader.readexactly(9)
            values += struct.unpack(f">{count}H", await reader.readexactly(head[8]))
        body = {"device": f"io{number}", "at": datetime.now(UTC).isoformat()}
        told = body | {"values": dict(zip(names, values, strict=True))}
        sent = (sent + 257) % 65535
        broker.write(publish(topic, sent + 1, json.dumps(told).encode()))
        due += EVERY_S
        await asyncio.sleep(due - loop.time())


def publish(topic: bytes, id: int, payload: bytes) -> bytes:
    rest = struct.pack(">H", len(topic)) + topic + struct.pack(">H", id) + payload
    size, length = len(rest), b""
    while True:
        size, byte = divmod(size, 128)
        length += bytes([byte | 0x80 if size else byte])
        if not size:
            return b"\x32" + length + rest


async def told_when_asked() -> None:
    print("running", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu_s = used.ru_utime + used.ru_stime
        now = {"at": monotonic(), "cpu_s": cpu_s, "rss_mb": used.ru_maxrss / 1024}
        print(json.dumps(now | {"asked": line.strip()}), flush=True)


if __name__ == "__main__":
    kind, broker_port, many, where, *stations = sys.argv[1:]
    given = int(broker_port), int(many), Path(where), [int(one) for one in stations]
    uvloop.run(floor(*given) if kind == "floor" else ours(*given, always=kind == "always"))
