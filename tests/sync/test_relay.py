"""The relay: each message once at the host, in the order of its key, whatever the host does."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from sync import outbox
from sync.connectors.port import (
    Capabilities,
    Delivered,
    HostError,
    Later,
    Outgoing,
    Rejected,
    Unknown,
)
from sync.hostmessage import HostMessage
from sync.outbound import Row, put
from sync.relay import Relay
from sync.schema import EVENTS, JOURNAL, OUTBOX, STATE, statements
from wcs.names import CarrierId, Lpn
from wcs.observations import LabelIssued, Observation

T = TypeVar("T")
Answer = Callable[[Outgoing], Delivered]


class Desk:
    """The writer's host turn, on one connection."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        for sql in statements(JOURNAL + EVENTS + OUTBOX + STATE):
            self.db.execute(sql)

    async def work(self, do: Callable[[sqlite3.Connection], T]) -> T:
        await asyncio.sleep(0)
        return do(self.db)

    def put(self, id_: str, key: str, body: str | None = "{}") -> None:
        event, _, host = id_.partition("|")
        put(self.db, [Row(HostMessage(host, key, "status", body), event, "2026")])

    def states(self) -> dict[str, str]:
        return dict(self.db.execute("SELECT id, state FROM outbox ORDER BY n"))


class Host:
    """Does what the next answer of its script says; acts when it delivers."""

    def __init__(self, idempotency: str = "key", script: dict[str, list[Answer]] | None = None):
        self.capabilities = Capabilities(idempotency=idempotency)  # type: ignore[arg-type]
        self.script = script or {}
        self.sent: list[str] = []
        self.acted: list[str] = []

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Delivered | HostError]:
        await asyncio.sleep(0)
        return [self._act(message) for message in batch]

    def _act(self, message: Outgoing) -> Delivered:
        self.sent.append(message.id)
        answers = self.script.get(message.id)
        if answers:
            return answers.pop(0)(message)
        self.acted.append(message.id)
        return Delivered("ok")

    async def find(self, message: Outgoing) -> Delivered | None:
        return Delivered("found") if message.id in self.acted else None


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.db.close()


@asynccontextmanager
async def running(desk: Desk, host: Host) -> AsyncIterator[list[tuple[Observation, str]]]:
    told: list[tuple[Observation, str]] = []

    async def tell(seen: Observation, key: str) -> None:
        told.append((seen, key))

    relay = Relay("shop", host, desk, tell, lambda: datetime.now(UTC))
    task = asyncio.create_task(relay.run())
    try:
        yield told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.sleep(0.001)


def raising(err: Exception) -> Answer:
    def answer(message: Outgoing) -> Delivered:
        raise err

    return answer


async def test_messages_of_a_key_arrive_in_order_and_once(desk: Desk) -> None:
    for number in range(30):
        desk.put(f"{number}-1|shop", f"order:{number % 3}")
    host = Host()
    async with running(desk, host):
        await until(lambda: set(desk.states().values()) == {"done"})
    for key in range(3):
        mine = [int(id_.split("-")[0]) for id_ in host.acted if int(id_.split("-")[0]) % 3 == key]
        assert mine == sorted(mine)
    assert len(host.acted) == 30


async def test_a_busy_host_is_asked_again_when_it_said(desk: Desk) -> None:
    desk.put("1-1|shop", "a")
    host = Host(script={"1-1|shop": [raising(Later("busy", 0.01)), raising(Later("busy", 0.01))]})
    async with running(desk, host):
        await until(lambda: desk.states() == {"1-1|shop": "done"})
    assert host.sent == ["1-1|shop"] * 3


async def test_a_lost_answer_is_asked_for_where_no_key_is_honoured(desk: Desk) -> None:
    desk.put("1-1|shop", "a")
    host = Host(idempotency="none")

    def act_and_vanish(message: Outgoing) -> Delivered:
        host.acted.append(message.id)
        raise Unknown("no answer")

    host.script["1-1|shop"] = [act_and_vanish]
    async with running(desk, host):
        await until(lambda: desk.states() == {"1-1|shop": "done"})
    assert host.acted == ["1-1|shop"]
    assert host.sent == ["1-1|shop"]


@pytest.mark.parametrize("trouble", [Rejected("no such order"), ValueError("a bug of ours")])
async def test_a_poison_row_parks_alone(desk: Desk, trouble: Exception) -> None:
    desk.put("1-1|shop", "a")
    desk.put("2-1|shop", "a")
    desk.put("3-1|shop", "b")
    host = Host(script={"1-1|shop": [raising(trouble)]})
    async with running(desk, host):
        await until(lambda: desk.states()["2-1|shop"] == "done" == desk.states()["3-1|shop"])
    assert desk.states()["1-1|shop"] == "parked"
    assert outbox.retry(desk.db, "1-1|shop", datetime.now(UTC), "anna")
    assert desk.states()["1-1|shop"] == "waiting"
    (said,) = desk.db.execute("SELECT last_error FROM outbox WHERE id='1-1|shop'").fetchone()
    assert said == "sent again by anna"


async def test_a_question_that_is_not_answered_is_asked_again(desk: Desk) -> None:
    """A host that is busy when asked what became of a message has not said that it did nothing."""
    desk.put("1-1|shop", "a")
    host = Host(idempotency="none")
    asked = host.find
    busy = [Later("busy", 0.01)]

    async def find(message: Outgoing) -> Delivered | None:
        if busy:
            raise busy.pop()
        return await asked(message)

    def act_and_vanish(message: Outgoing) -> Delivered:
        host.acted.append(message.id)
        raise Unknown("no answer")

    host.find = find  # type: ignore[method-assign]
    host.script["1-1|shop"] = [act_and_vanish]
    async with running(desk, host):
        await until(lambda: desk.states() == {"1-1|shop": "done"})
    assert not busy
    assert host.acted == ["1-1|shop"]


async def test_a_message_without_a_body_tells_its_event(desk: Desk) -> None:
    desk.db.execute(
        "INSERT INTO events (id, seq, ordinal, kind, body, at, rule)"
        " VALUES ('1-1', 1, 1, 'CartonMoved', 'moved', '2026', '')"
    )
    desk.put("1-1|shop", "a", body=None)
    assert [c.message.body for c in outbox.claim(desk.db, "shop", datetime.now(UTC), 1)] == [
        "moved"
    ]
    shown = outbox.one(desk.db, "1-1|shop")
    assert shown is not None and (shown["body"], shown["state"]) == ("moved", "leased")


async def test_the_next_batches_are_claimed_while_others_are_under_way(desk: Desk) -> None:
    """As many as can be sent and as many again, however many wait."""
    for number in range(100):
        desk.put(f"{number}-1|shop", f"order:{number}")
    host, answers = Host(), asyncio.Event()
    deliver = host.deliver

    async def slow(batch: Sequence[Outgoing]) -> Sequence[Delivered | HostError]:
        await answers.wait()
        return await deliver(batch)

    host.deliver = slow  # type: ignore[method-assign]
    async with running(desk, host):
        await until(lambda: list(desk.states().values()).count("leased") == 8)
        for _ in range(20):
            await asyncio.sleep(0)
        assert list(desk.states().values()).count("leased") == 8
        answers.set()
        await until(lambda: set(desk.states().values()) == {"done"})
    assert len(host.acted) == 100


async def test_while_the_host_fails_one_message_knocks_alone(desk: Desk) -> None:
    for number in range(100):
        desk.put(f"{number}-1|shop", f"order:{number}")
    host, together = Host(), []
    under_way = 0

    async def fails(batch: Sequence[Outgoing]) -> Sequence[Delivered | HostError]:
        nonlocal under_way
        under_way += 1
        await asyncio.sleep(0)
        together.append(under_way)
        under_way -= 1
        raise Later("down", 0.0)

    host.deliver = fails  # type: ignore[method-assign]
    async with running(desk, host):
        await until(lambda: len(together) > 40)
    assert set(together[12:]) == {1}


async def test_what_was_leased_in_a_crash_counts_as_sent(desk: Desk) -> None:
    desk.put("1-1|shop", "a")
    now = datetime.now(UTC)
    assert len(outbox.claim(desk.db, "shop", now, 10)) == 1
    assert outbox.claim(desk.db, "shop", now, 10) == []
    outbox.recover(desk.db, now)
    assert outbox.claim(desk.db, "shop", now, 10)[0].unknown


async def test_an_answer_that_tells_something_is_an_observation_first(desk: Desk) -> None:
    desk.put("1-1|shop", "L1")
    issued = LabelIssued(
        lpn=Lpn("L1"), carrier=CarrierId("c"), tracking="T", zpl="", at=datetime.now(UTC)
    )
    host = Host(script={"1-1|shop": [lambda _: Delivered("T", (issued,))]})
    async with running(desk, host) as told:
        await until(lambda: desk.states() == {"1-1|shop": "done"})
        assert told == [(issued, "1-1|shop:answer:0")]
