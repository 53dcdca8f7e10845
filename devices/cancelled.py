"""A cancellation that a library swallowed or dressed up is still a cancellation."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


def raise_if_cancelled() -> None:
    """`asyncio.wait_for` of Python 3.11 forgets a cancellation that meets its result; pymodbus and
    asyncua wait with it. Called after their answer, inside any `asyncio.timeout`."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@contextmanager
def cancelled_plainly() -> Iterator[None]:
    """Where a cancellation meets a result, asyncua raises a subclass of its own, which
    `asyncio.timeout` does not know for its own: the timeout would end the task as if it had been
    cancelled. Used inside the timeout."""
    try:
        yield
    except asyncio.CancelledError as err:
        if type(err) is asyncio.CancelledError:
            raise
        raise asyncio.CancelledError from err
