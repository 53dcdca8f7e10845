"""A merge's OPC UA server in a process of its own: what it holds is not ours, and it starts once.

python -m tests.faults.merge_server      its port on the first line
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.devices.conveyor.opc import FakeMerge, serving


@contextmanager
def merge_server() -> Iterator[int]:
    """Its port."""
    command = [sys.executable, "-m", "tests.faults.merge_server"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=15)
        process.stdout.close()


async def _serve() -> None:
    async with serving(FakeMerge()) as merge:
        print(merge.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
