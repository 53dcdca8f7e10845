"""Long plans come back from a process of their own, whatever happens to it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from gateway.feed import Feed, Told
from gateway.inbox import Inbox
from gateway.planner import Planner
from gateway.planning import answers
from gateway.routing.process import COMMAND, Computing
from tests.core.toys import START, scan
from wcs.envelope import Answer
from wcs.events import TourAsked
from wcs.names import LocationCode, OrderKey
from wcs.observations import TourPlanned

LAYOUT = json.dumps(
    {
        "name": "aisle",
        "nodes": [
            {"id": node, "x": float(x), "y": 0.0, "kind": kind}
            for x, (node, kind) in enumerate(
                [("D", "depot"), ("B1", "bay"), ("B2", "bay"), ("B3", "bay")]
            )
        ],
        "edges": [
            {"u": u, "v": v, "length_m": 1.0} for u, v in [("D", "B1"), ("B1", "B2"), ("B2", "B3")]
        ],
        "locations": [
            {"code": f"A-{n}", "node": f"B{n}", "side": "left", "level": 1} for n in (1, 2, 3)
        ],
    }
)
DYING = "import sys; [sys.stdin.readline() for _ in range(2)]"
DEAF = "import sys; sys.exit(3)"


class Fixed:
    def now(self) -> datetime:
        return START


def told(id_: str, *locations: str) -> Told:
    asked = TourAsked(
        order=OrderKey("shop:1001"),
        version=3,
        start="D",
        end="D",
        locations=tuple(map(LocationCode, locations)),
        at=START,
    )
    return Told(scan(), Answer("accepted", "", 1), ((id_, asked),))


@asynccontextmanager
async def planning(
    command: Sequence[str] = COMMAND,
) -> AsyncIterator[tuple[Feed, Inbox, Computing]]:
    feed, inbox = Feed(), Inbox()
    computing = Computing(LAYOUT, command, restart_s=0.01)
    running = asyncio.create_task(Planner(feed, inbox, Fixed(), computing).run())
    await asyncio.sleep(0)  # the task group has begun
    await asyncio.sleep(0)  # and listens
    try:
        yield feed, inbox, computing
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def plan_of(inbox: Inbox) -> tuple[TourPlanned, str | None]:
    (one,) = await inbox.take(wait_s=20)
    assert isinstance(one.observation, TourPlanned)
    return one.observation, one.key


async def test_a_plan_comes_back_with_the_version_it_was_asked_for() -> None:
    async with planning() as (feed, inbox, _):
        feed.tell([told("7-1", "A-3", "A-1", "A-2")])
        planned, key = await plan_of(inbox)
    assert planned.locations == ("A-1", "A-2", "A-3")
    assert (planned.order, planned.version, planned.at) == ("shop:1001", 3, START)
    assert (planned.length_mm, planned.optimal) == (6000, True)
    assert key == "tour:7-1"


async def test_a_killed_planner_is_started_again_and_asked_again() -> None:
    async with planning() as (feed, inbox, computing):
        feed.tell([told("7-1", "A-1")])
        await plan_of(inbox)
        assert computing._process is not None
        computing._process.kill()
        feed.tell([told("7-2", "A-2")])
        planned, _ = await plan_of(inbox)
    assert planned.locations == ("A-2",)


async def test_a_question_that_kills_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async with planning([sys.executable, "-c", DYING]) as (feed, _, computing):
        feed.tell([told("7-1", "A-1")])
        async with asyncio.timeout(20):
            while "order shop:1001 is not routed: the planner died of it" not in caplog.messages:
                await asyncio.sleep(0.01)
    assert not computing.waiting


async def test_questions_beyond_the_room_push_the_oldest_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with planning([sys.executable, "-c", DEAF]) as (feed, _, computing):
        feed.tell([told(f"{number}-1", "A-1") for number in range(300)])
        pushed = "order shop:1001 is not routed: too many questions wait"
        async with asyncio.timeout(20):
            while caplog.messages.count(pushed) < 300 - 256:
                await asyncio.sleep(0)
        assert computing.waiting <= 256


def test_what_cannot_be_planned_says_why() -> None:
    question = {"start": "D", "end": "D", "locations": ["A-9"]}
    asked = {"id": 1, "tour": question}
    lines = [
        json.dumps(asked),
        json.dumps({"layout": "{}}"}),
        json.dumps(asked),
        json.dumps({"layout": LAYOUT}),
        json.dumps(asked),
        json.dumps({"id": 1, "tour": {**question, "locations": ["A-1"], "end": "nowhere"}}),
    ]
    told_ = [json.loads(line) for line in answers(lines)]
    assert [answer["lost"] for answer in told_] == [
        "the planner was told no layout",
        "Extra data: line 1 column 3 (char 2)",
        "not in the layout: A-9",
        "not in the layout: nowhere",
    ]
