"""Tries a device before it is taken: a session of its own that only reads, until it has said
something that makes sense."""

import asyncio
from typing import Final

from devices.device import Driver, Session
from devices.errors import DeviceError, Unreachable
from devices.live import Live

SHOWS_EVERY_S: Final = 0.05


async def trial(driver: Driver, live: Live, within_s: float) -> str:
    """What it said, in words.

    Whatever opens by an answer of the device (a PLC is read once, a printer says its status, a
    zone or a vehicle that it is online) has said enough; of the others the first value or
    observation is awaited. What is observed here is not decided. Raises DeviceError.
    """
    try:
        async with asyncio.timeout(within_s), driver.session() as session:
            return await _first_word(driver, session, live)
    except TimeoutError as err:
        raise Unreachable(driver.id, f"said nothing in {within_s:g} s") from err


async def _first_word(driver: Driver, session: Session, live: Live) -> str:
    if session.has:
        return f"it shows {', '.join(session.has)}"
    hearing = asyncio.ensure_future(anext(aiter(session.observations())))
    try:
        while True:
            shown = {
                name: value.value
                for name, value in live.of(driver.id).items()
                if value.quality == "good" and value.value is not None
            }
            if shown and shown.get("noise", 0) == 0:
                return "it shows " + ", ".join(f"{k} {v}" for k, v in list(shown.items())[:3])
            await asyncio.wait({hearing}, timeout=SHOWS_EVERY_S)
            if hearing.done():
                return f"it said {type(hearing.result().observation).__name__}"
    except StopAsyncIteration as err:
        raise DeviceError(driver.id, "ended without a word") from err
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
