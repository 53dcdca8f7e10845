"""A parent that launches a few simulators, says their pids, and waits to be killed."""

import asyncio
import json
import sys
from pathlib import Path

from simulators.launch import Launch


async def main(folder: Path) -> None:
    async with Launch(Path("config/demo"), folder, only=["broker", "erp", "carrier"]) as sims:
        found = {id: (child.pid, child.address) for id, child in sims.children.items()}
        print(json.dumps(found), flush=True)
        await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1])))
