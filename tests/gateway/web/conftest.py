"""A gateway of the demo site behind its HTTP side, without a network."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from gateway.web.app import make_app
from tests.gateway.web.bench import Bench, bench


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        yield made


@pytest.fixture
def app(desk: Bench) -> FastAPI:
    return make_app(desk.gateway)


@pytest.fixture
async def web(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody is signed in."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://wedge") as client:
        yield client


@pytest.fixture
async def api(desk: Bench, web: httpx.AsyncClient) -> httpx.AsyncClient:
    """An operator's device token."""
    web.headers.update(desk.bearer("operator"))
    return web
