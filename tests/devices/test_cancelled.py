"""A timeout that meets its answer is a timeout, whatever a library makes of it."""

import asyncio

import pytest

from devices.cancelled import cancelled_plainly


class DressedUp(asyncio.CancelledError):
    """As asyncua's `wait_for2.CancelledWithResultError`."""


async def test_a_timeout_stays_one() -> None:
    async def answers_too_late() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as err:
            raise DressedUp from err

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            with cancelled_plainly():
                await answers_too_late()


async def test_a_cancellation_stays_one() -> None:
    async def told() -> None:
        async with asyncio.timeout(60):
            with cancelled_plainly():
                await asyncio.Event().wait()

    task = asyncio.create_task(told())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
