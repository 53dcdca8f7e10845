import itertools
from collections.abc import AsyncIterator

import pytest

from tests.devices.conveyor.plc import FakePlc, running
from tests.devices.conveyor.sorter import World


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off has its own test; here a line that drops is tried again at once."""
    monkeypatch.setattr("devices.supervise.waits", lambda: itertools.repeat(0.02))


@pytest.fixture
async def plc() -> AsyncIterator[FakePlc]:
    async with running(FakePlc()) as plc:
        yield plc


@pytest.fixture
def world(plc: FakePlc) -> World:
    return World(plc)
