"""The process that computes for the loop: it answers in order, and nobody waits for a dead one."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.routing.process import COMMAND, Computing, NoAnswer
from tests.core.test_planner import DEAF, LAYOUT

ASLEEP = "import time; time.sleep(600)"
PATH = {"path": json.dumps({"start": "D", "end": "D", "picks": ["B3", "A-1"]})}


@asynccontextmanager
async def computing(*code: str, **how: Any) -> AsyncIterator[Computing]:
    command = (sys.executable, "-c", *code) if code else COMMAND
    made = Computing(LAYOUT, command, restart_s=0.01, **how)
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert made._process is None


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.sleep(0.01)


async def test_nothing_runs_before_the_first_question() -> None:
    async with computing() as made:
        await asyncio.sleep(0)
        assert made._process is None
        found = await made.ask(PATH)
        assert (found["length_m"], found["visit_order"]) == (6.0, ["A-1", "B3"])
        assert made._process is not None


async def test_questions_asked_at_once_get_their_own_answers() -> None:
    asked = [
        {"path": json.dumps({"start": "D", "end": "D", "picks": picks})}
        for picks in (["B1"], ["B9"], ["B3"])
    ]
    async with computing() as made:
        one, wrong, three = await asyncio.gather(*map(made.ask, asked))
    assert (one["length_m"], three["length_m"]) == (2.0, 6.0)
    assert (wrong["error"], wrong["nodes"]) == ("unknown_node", ["B9"])


async def test_a_later_layout_holds_for_what_is_asked_after_it() -> None:
    async with computing() as made:
        assert (await made.ask(PATH))["length_m"] == 6.0
        made.adopt(LAYOUT.replace('"length_m": 1.0', '"length_m": 2.0'))
        assert (await made.ask(PATH))["length_m"] == 12.0
        assert made._process is not None
        made._process.kill()
        assert (await made.ask(PATH))["length_m"] == 12.0  # a new process knows it too


async def test_a_process_that_hangs_is_asked_twice_and_no_more() -> None:
    async with computing(ASLEEP, stuck_s=0.05) as made:
        with pytest.raises(NoAnswer, match="the planner died of it"):
            await made.ask(PATH)
        assert made.waiting == 0


async def test_one_that_never_starts_gives_up_each_question_in_turn() -> None:
    async with computing(DEAF) as made:
        answers = await asyncio.gather(made.ask(PATH), made.ask(PATH), return_exceptions=True)
        assert [str(answer) for answer in answers] == ["the planner died of it"] * 2


async def test_who_leaves_is_not_waited_for() -> None:
    async with computing(ASLEEP) as made:
        leaving = asyncio.create_task(made.ask(PATH))
        await until(lambda: made.waiting == 1)
        leaving.cancel()
        await until(lambda: made.waiting == 0)


async def test_it_ends_when_nobody_asks_and_comes_back_for_the_next() -> None:
    async with computing(idle_s=0.2) as made:
        first = await made.ask(PATH)
        await until(lambda: made._process is None)
        assert await made.ask(PATH) == first
