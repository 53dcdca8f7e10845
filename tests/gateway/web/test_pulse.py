"""One rendering for everybody, only what changed, and nobody who is slow holds up the others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.web import pulse
from gateway.web.overview import Overview
from gateway.web.pulse import Board, Full, Viewer, frame
from gateway.web.templating import Looks
from tests.gateway.web.bench import Bench
from tests.pages.busy import busy, order


class Scene:
    """Shows what the test says."""

    def __init__(self) -> None:
        self.regions = {"orders": "<b>1</b>", "map": "<svg></svg>"}
        self.renderings = 0
        self.closed = False
        self._shown: dict[str, str] = {}

    def changed(self) -> bool:
        return self.regions != self._shown

    def render(self) -> dict[str, str]:
        self.renderings += 1
        self._shown = dict(self.regions)
        return self._shown

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(pulse, "EVERY_S", 0.002)
    monkeypatch.setattr(pulse, "SHARE", 0)
    monkeypatch.setattr(pulse, "BEAT_S", 0.05)


async def until(frames: AsyncIterator[bytes], wanted: bytes) -> list[bytes]:
    """What comes up to and with `wanted`."""
    seen: list[bytes] = []
    async with asyncio.timeout(5):
        async for made in frames:
            seen.append(made)
            if made == wanted:
                return seen
    raise AssertionError(f"{wanted!r} never came")


def test_a_frame_survives_lines_of_any_kind() -> None:
    assert frame("map", "<a>\n<b>\r\n</b>") == (b"event: map\ndata: <a>\ndata: <b>\ndata: </b>\n\n")
    assert frame("beat", "") == b"event: beat\ndata: \n\n"


@pytest.mark.usefixtures("quick")
async def test_everybody_sees_the_same_rendering_and_only_what_changed() -> None:
    scene = Scene()
    board = Board(lambda: scene)
    with board.watch() as one, board.watch() as other:
        first, second = aiter(one), aiter(other)
        await until(first, frame("map", "<svg></svg>"))
        await until(second, frame("map", "<svg></svg>"))
        scene.regions["orders"] = "<b>2</b>"
        seen = await until(first, frame("orders", "<b>2</b>"))
        await until(second, frame("orders", "<b>2</b>"))
        assert all(made.startswith((b"event: beat", b"event: orders")) for made in seen)
        assert scene.renderings == 2
        with board.watch() as late:
            shown = await until(aiter(late), frame("map", "<svg></svg>"))
            assert frame("orders", "<b>2</b>") in shown
    async with asyncio.timeout(5):
        while not scene.closed:
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("quick")
async def test_the_beat_goes_on_while_nothing_changes() -> None:
    board = Board(Scene)
    with board.watch() as viewer:
        frames = aiter(viewer)
        await until(frames, frame("map", "<svg></svg>"))
        for _ in range(3):
            await until(frames, frame("beat", ""))


async def test_who_is_too_slow_is_dropped_and_the_others_are_not() -> None:
    viewer = Viewer([])
    for n in range(pulse.ROOM + 5):
        viewer.show(frame("map", str(n)))
    assert viewer.is_dropped
    assert [made async for made in viewer] == []


@pytest.mark.usefixtures("quick")
async def test_a_page_that_fails_ends_its_viewers_who_come_back(caplog: Any) -> None:
    class Broken(Scene):
        def render(self) -> dict[str, str]:
            raise ValueError("a mistake of the page")

    board = Board(Broken)
    with board.watch() as viewer:
        async with asyncio.timeout(5):
            assert [made async for made in viewer] == [frame("beat", "")]
    assert "a page could not be shown" in caplog.text
    with board.watch() as again:
        assert await anext(aiter(again)) == frame("beat", "")


async def test_more_pages_than_there_is_room_for(monkeypatch: Any) -> None:
    monkeypatch.setattr(pulse, "VIEWERS", 1)
    board = Board(Scene)
    with board.watch(), pytest.raises(Full):
        board.watch().__enter__()


async def test_a_commit_is_on_the_overview_within_a_second(desk: Bench) -> None:
    await busy(desk)
    board = Board(lambda: Overview(desk.gateway, Looks(desk.gateway)))
    with board.watch() as viewer:
        frames = aiter(viewer)
        async with asyncio.timeout(10):
            while b"event: refusals" not in await anext(frames):
                pass
            await desk.save(order(1002, "shipped"))
            committed = asyncio.get_running_loop().time()
            while b"<b>24</b> shipped" not in await anext(frames):
                pass
        assert asyncio.get_running_loop().time() - committed < 1.0
