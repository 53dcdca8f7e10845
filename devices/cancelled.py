"""A cancellation that a library swallowed is still a cancellation."""

import asyncio


def raise_if_cancelled() -> None:
    """`asyncio.wait_for` of Python 3.11 forgets a cancellation that meets its result; pymodbus and
    asyncua wait with it. Called after their answer, inside any `asyncio.timeout`."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
