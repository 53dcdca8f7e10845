"""Pages that stay true: each page's regions are rendered once when something changed, for everybody
who looks at it, at most five times a second; and a beat each second says that the server lives.

A viewer who does not keep up is dropped; it comes back and is shown everything.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, thread_time
from typing import Final, Protocol

from starlette.concurrency import run_in_threadpool

log = logging.getLogger(__name__)
EVERY_S: Final = 0.2
BEAT_S: Final = 1.0
SHARE: Final = 4
"""Looking takes at most a fifth of a processor, however much there is to see."""
ROOM: Final = 64
VIEWERS: Final = 100

Regions = Mapping[str, str]


class Scene(Protocol):
    """What a page shows. Called in a worker thread, never twice at once."""

    def changed(self) -> bool:
        """Whether anything may look different since it was last rendered; cheap."""

    def render(self) -> Regions:
        """HTML by region."""

    def close(self) -> None: ...


class Full(Exception):
    """Too many pages are open."""


def frame(event: str, data: str) -> bytes:
    """One server-sent event (HTML standard, section 9.2)."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {event}\n{lines}\n".encode()


class Viewer:
    """Frames for one open page; ends when it was too slow."""

    def __init__(self, first: list[bytes]) -> None:
        self._frames: deque[bytes | None] = deque(first)
        self._news = asyncio.Event()
        self.is_dropped = False

    def show(self, made: bytes) -> None:
        if len(self._frames) >= ROOM:
            self.is_dropped = True
            self._frames.clear()
            self._frames.append(None)
        if not self.is_dropped:
            self._frames.append(made)
        self._news.set()

    def end(self) -> None:
        self._frames.append(None)
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._frames:
                made = self._frames.popleft()
                if made is None:
                    return
                yield made
            self._news.clear()
            await self._news.wait()


class Board:
    """One page and its viewers. Its task lives while somebody looks."""

    def __init__(
        self, open_scene: Callable[[], Scene], clock: Callable[[], str] = lambda: ""
    ) -> None:
        """`clock` says what time it is on the page: each beat carries it."""
        self._open_scene, self._clock = open_scene, clock
        self._viewers: set[Viewer] = set()
        self._shown: dict[str, bytes] = {}
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self) -> Iterator[Viewer]:
        """Raises Full."""
        if len(self._viewers) >= VIEWERS:
            raise Full(f"{VIEWERS} pages are open already")
        viewer = Viewer([frame("beat", self._clock()), *self._shown.values()])
        self._viewers.add(viewer)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def show(self, event: str, data: str) -> None:
        made = frame(event, data)
        for viewer in tuple(self._viewers):
            viewer.show(made)
            if viewer.is_dropped:
                self._viewers.discard(viewer)

    async def _run(self) -> None:
        try:
            await self._look()
        except Exception:  # a mistake of a page is logged once; its viewers come back by themselves
            log.exception("a page could not be shown")
            await asyncio.sleep(BEAT_S)
        finally:
            self._task, self._shown = None, {}
            for viewer in self._viewers:
                viewer.end()

    async def _look(self) -> None:
        scene = await run_in_threadpool(self._open_scene)
        beat_at = monotonic() + BEAT_S
        try:
            while self._viewers:
                regions, cpu_s = await run_in_threadpool(_looked, scene, not self._shown)
                self._compare(regions)
                if monotonic() >= beat_at:
                    self.show("beat", self._clock())
                    beat_at = monotonic() + BEAT_S
                await asyncio.sleep(max(EVERY_S, SHARE * cpu_s))
        finally:
            scene.close()

    def _compare(self, regions: Regions) -> None:
        for name, html in regions.items():
            made = frame(name, html)
            if self._shown.get(name) != made:
                self._shown[name] = made
                self.show(name, html)


def _looked(scene: Scene, first: bool) -> tuple[Regions, float]:
    """What may look different, and the processor's seconds that it took to see."""
    began = thread_time()
    regions = scene.render() if scene.changed() or first else {}
    return regions, thread_time() - began
