"""Every simulator as a process: ready line, same port again, no life after its parent; the bus."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from simulators.bus import BusClient, ask
from simulators.process import HostPort
from tests.simulators.equipment.bench import DEMO, SOON_S, bench, working

READY_S = 20.0


class Child:
    """One simulator; leaving the block closes its stdin and waits for its end."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-m", module, "--map", str(DEMO), *arguments)

    async def __aenter__(self) -> dict[str, Any]:
        pipe = asyncio.subprocess.PIPE
        self._child = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe)
        assert self._child.stdout is not None
        async with asyncio.timeout(READY_S):
            line = await self._child.stdout.readline()
        told: dict[str, Any] = json.loads(line)
        return told

    async def __aexit__(self, *error: object) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        async with asyncio.timeout(SOON_S):
            assert await self._child.wait() == 0


async def test_a_simulator_says_where_it_is_keeps_its_port_and_ends_with_its_stdin() -> None:
    async with bench() as world:
        to_world = ("--id", "scale1", "--world", f"{world.world.host}:{world.world.port}")
        async with Child("simulators.scale", *to_world) as told:
            assert told["id"] == "scale1"
            await world.until(lambda: "scale1" in world.here)
        await world.until(lambda: "scale1" not in world.here)
        port = told["address"]["port"]
        async with Child("simulators.scale", *to_world, "--port", str(port)) as again:
            assert again == told


async def test_the_world_as_a_process_answers_for_its_books() -> None:
    async with Child("simulators.world", "--id", "world", "--orders", "20") as told:
        world = HostPort(told["address"]["host"], told["address"]["port"])
        books = await ask(world, "books")
        assert books["pieces"] == books["initial"]
        assert books["missing"]
        with pytest.raises(LookupError, match="nobody knows"):
            await ask(world, "fly")


async def test_a_pty_is_ready_by_its_path(tmp_path: Path) -> None:
    link = tmp_path / "hand1"
    asked = ("--id", "hand1", "--world", "127.0.0.1:1", "--port", str(link))
    async with Child("simulators.hand_scanner", *asked) as told:
        assert told == {"id": "hand1", "address": {"port": str(link)}}
        assert link.is_char_device()
    assert not link.exists()


# --- the bus ---


async def test_a_device_that_comes_again_is_told_what_stands() -> None:
    async with bench() as world:
        world.standing["print1"] = [{"fact": "fault", "fault": "paper_out", "on": True}]
        for _ in range(2):
            heard: list[Any] = []
            came = asyncio.Event()

            def hear(fact: Any, heard: list[Any] = heard, came: asyncio.Event = came) -> None:
                heard.append(fact)
                came.set()

            client = BusClient(world.world, "print1")
            async with working(client.run(hear)), asyncio.timeout(SOON_S):
                await came.wait()
            assert heard == world.standing["print1"]
            await world.until(lambda: "print1" not in world.here)


async def test_acts_of_a_moment_without_a_line_are_said_when_there_is_one() -> None:
    async with bench() as world:
        client = BusClient(world.world, "hand1")
        client.act("tone", good=True)
        async with working(client.run(lambda fact: None)):
            await world.until(lambda: world.acts)
        assert world.acts == [("hand1", {"act": "tone", "good": True})]


async def test_an_answer_comes_to_who_asked() -> None:
    async with bench() as world:
        assert await ask(world.world, "books") == {"echo": "books"}
