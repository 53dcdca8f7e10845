"""Simulators of single devices, as programs of their own."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from gateway.simulating import NoSimulator, Simulators

DEMO = Path(__file__).parents[2] / "config" / "demo"
KILLED = """
import asyncio, sys
from pathlib import Path
from gateway.simulating import Simulators
async def main():
    made = Simulators(Path(sys.argv[1]), Path(sys.argv[2]))
    await made.start("scale1", "tcp_scale", broker=False)
    print(made._running["scale1"].pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_one_is_started_reached_and_ended(tmp_path: Path) -> None:
    made = Simulators(DEMO, tmp_path)
    assert made.address("scale1") is None
    at = await made.start("scale1", "tcp_scale", broker=False)
    _, writer = await asyncio.open_connection(at["host"], at["port"])
    writer.close()
    assert made.address("scale1") == at
    assert await made.start("scale1", "tcp_scale", broker=False) == at  # once
    await made.close()
    assert made.address("scale1") is None
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection(at["host"], at["port"])


async def test_one_that_does_not_start_says_why(tmp_path: Path) -> None:
    made = Simulators(tmp_path / "nowhere", tmp_path)
    with pytest.raises(NoSimulator, match="the simulator of scale1 did not start: "):
        await made.start("scale1", "tcp_scale", broker=False)
    assert made.address("scale1") is None


async def test_a_gateway_that_is_killed_takes_them_along(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(DEMO), str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(10):
        while Path(f"/proc/{pid}").exists() and "Z" not in _state(pid):
            await asyncio.sleep(0.02)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
