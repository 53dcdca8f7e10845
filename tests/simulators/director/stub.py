"""A gateway that is always ready and takes every webhook; its only argument is its port."""

import asyncio
import sys

from simulators.hosts.http import Reply, Request, serving


async def answer(request: Request) -> Reply:
    return Reply(200, {"status": "ready", "why": "", "degraded": []})


async def main(port: int) -> None:
    async with serving(answer, port):
        await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1])))
