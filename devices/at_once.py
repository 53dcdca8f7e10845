"""Works of one task at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_one_fails(*works: Coroutine[Any, Any, None]) -> None:
    """All of them at once; the first error ends the others and is raised as it is."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
