"""A gateway with its pages on loopback, and a headless browser that looks at them."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from gateway.web.app import make_app
from tests.gateway.web.bench import Bench, bench
from tests.pages.busy import busy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop for all pages, because they share one browser."""
    for item in items:
        here = Path(__file__).parent in item.path.parents
        if here and isinstance(item, pytest.Function) and iscoroutinefunction(item.obj):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass
class Served:
    """`url` has no slash at its end; `stop` and `start` keep the port."""

    bench: Bench
    sock: socket.socket
    port: int
    app: FastAPI = field(default_factory=FastAPI)
    server: uvicorn.Server | None = None
    task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def watched(self) -> int:
        """How many have the overview open."""
        return len(self.app.state.overview._viewers)

    async def start(self) -> None:
        if self.sock.fileno() < 0:
            self.sock = bound(self.port)
        self.app = make_app(self.bench.gateway)
        config = uvicorn.Config(
            self.app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=0,
        )
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self.task = asyncio.create_task(self.server.serve([self.sock]))
        while not self.server.started:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if self.server and self.task:
            self.server.should_exit = True
            await self.task
            self.sock.close()

    def enter(self, role: Any = "admin") -> str:
        token = self.bench.gateway.auth.add_token(f"page-{role}", role)
        return f"{self.url}/enter?token={token}"


def bound(port: int = 0) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


@asynccontextmanager
async def served(folder: Path, **how: Any) -> AsyncIterator[Served]:
    with bench(folder, **how) as made:
        sock = bound()
        it = Served(made, sock, sock.getsockname()[1])
        await it.start()
        try:
            yield it
        finally:
            await it.stop()
            await made.gateway.equipment.close()


@pytest_asyncio.fixture(loop_scope="session")
async def floor(tmp_path: Path) -> AsyncIterator[Served]:
    """The demo site in a busy moment."""
    async with served(tmp_path) as it:
        await busy(it.bench)
        yield it


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as play:
        opened = await play.chromium.launch(executable_path=str(chromium), args=args)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A tab; whatever the browser complains of fails the test."""
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    tab = await context.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda err: complaints.append(str(err)))
    tab.on("console", lambda said: complaints.append(said.text) if _is_ours(said) else None)
    yield tab
    await context.close()
    assert not complaints, complaints


def _is_ours(said: Any) -> bool:
    """A line that drops is the browser's own news, and part of some tests."""
    dropped = ("Failed to load resource", "htmx: htmx:sse:error")
    return said.type == "error" and not said.text.startswith(dropped)
