"""Batches through the loop, the store and the planner process: formed, refused as stale, and
decided again the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.beat import Beat
from gateway.controller import Control
from gateway.feed import Feed, Listener
from gateway.inbox import Inbox
from gateway.planner import Planner
from gateway.routing.process import Computing
from sync import reading
from sync.hostmessage import to_nobody
from sync.replay import replay
from sync.store import Store
from tests.core.test_controller import Fixed
from tests.rules.site import ACME, HAND1, SHOP, T0, placed, site
from wcs.decide import rule
from wcs.envelope import Posted
from wcs.events import BatchAsked, BatchFormed
from wcs.messages import Event
from wcs.model import Order, Pick
from wcs.names import Barcode, LocationCode, Sku
from wcs.observations import (
    BatchPlanned,
    ItemDefined,
    OrderCancelAsked,
    PickReported,
    Scanned,
    SiteChanged,
    StockOpened,
)

WITHIN_S = 20.0
SHELVES = {"MUG": "A-01-1", "CUP": "A-02-1", "PEN": "A-06-2"}


class Nowhere:
    def post(self, posted: Posted) -> None: ...


@dataclass
class Loop:
    store: Store
    inbox: Inbox
    listener: Listener

    async def says(self, *observations: Any) -> list[str]:
        return [(await self.inbox.ask(one)).outcome for one in observations]

    async def hears(self, kind: type[Event]) -> Any:
        """The next event of that kind."""
        async with asyncio.timeout(WITHIN_S):
            async for told in self.listener:
                for _, event in told.events:
                    if isinstance(event, kind):
                        return event
        raise AssertionError("the listener was dropped")

    async def answer_to(self, kind: type) -> Any:
        """How the next observation of that kind was decided."""
        async with asyncio.timeout(WITHIN_S):
            async for told in self.listener:
                if isinstance(told.observation, kind):
                    return told.answer
        raise AssertionError("the listener was dropped")

    def picks(self) -> list[Pick]:
        with closing(self.store.reader()) as conn:
            found = [p for s in ("carton", "picking") for p in reading.find(conn, Pick, state=s)]
        return found


@asynccontextmanager
async def loop(path: Path) -> AsyncIterator[Loop]:
    feed, inbox = Feed(), Inbox()
    adopted = site(zones=(replace(site().zones[0], batch=2),))
    planner = Planner(feed, inbox, Fixed(), Computing(adopted.layout))
    with (
        Store.open(path, decide=rule, mapping=to_nobody, release="test") as store,
        feed.listen() as listener,
    ):
        control = Control(inbox, store, Nowhere(), Beat(), feed, Fixed())
        tasks = [asyncio.create_task(control.run()), asyncio.create_task(planner.run())]
        made = Loop(store, inbox, listener)
        await made.says(SiteChanged(site=adopted, by="test", at=T0))
        for sku, location in SHELVES.items():
            await made.says(item(sku), stock(sku, location))
        yield made
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def item(sku: str) -> ItemDefined:
    return ItemDefined(
        sku=Sku(sku),
        owner=ACME,
        name=sku,
        barcodes=(),
        weight_g=100,
        case_size=1,
        by="t",
        at=T0,
    )


def stock(sku: str, location: str) -> StockOpened:
    return StockOpened(
        location=LocationCode(location), owner=ACME, sku=Sku(sku), qty=9, by="t", at=T0
    )


async def pick_alone(made: Loop, plate: str) -> None:
    await made.says(Scanned(scanner=HAND1, codes=(Barcode(plate),), at=T0))
    (pick,) = made.picks()
    for step in pick.steps:
        report = PickReported(task=step.task, button="confirm", qty=step.qty, by="t", at=T0)
        assert await made.says(report) == ["accepted"]


async def test_near_orders_share_a_walk_and_the_journal_replays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "wedge.db"
    async with loop(path) as made:
        await made.says(placed("0", ("MUG", 1)))
        await made.says(placed("1", ("PEN", 1)), placed("2", ("CUP", 1)), placed("3", ("PEN", 1)))
        await pick_alone(made, "L00000000")
        formed = await made.hears(BatchFormed)
        assert formed.orders == ("shop:1", "shop:3")  # the pens lie together
        assert formed.length_mm == 7_000
        assert [(p.batch, p.state) for p in made.picks()] == [(formed.batch, "carton")] * 2
    found = replay(path, decide=rule, release="test")
    assert found.identical, found


async def test_a_plan_overtaken_by_a_cancellation_is_stale(tmp_path: Path) -> None:
    path = tmp_path / "wedge.db"
    async with loop(path) as made:
        await made.says(placed("0", ("MUG", 1)))
        await made.says(*(placed(str(n), ("PEN", 1)) for n in (1, 2, 3)))
        await made.says(Scanned(scanner=HAND1, codes=(Barcode("L00000000"),), at=T0))
        (pick,) = made.picks()
        last = PickReported(task=pick.steps[0].task, button="confirm", qty=1, by="t", at=T0)
        cancel = OrderCancelAsked(channel=SHOP, number="2", version=2, at=T0)
        answers = await asyncio.gather(made.inbox.ask(last), made.inbox.ask(cancel))
        assert [answer.outcome for answer in answers] == ["accepted", "accepted"]
        stale = await made.answer_to(BatchPlanned)
        assert (stale.outcome, stale.reason) == ("refused", "stale: changed meanwhile: shop:2")
        assert (await made.hears(BatchFormed)).orders == ("shop:1", "shop:3")
        with closing(made.store.reader()) as conn:
            cancelled = reading.get(conn, Order, "shop:2")
        assert cancelled is not None and cancelled.state == "cancelled"
    assert replay(path, decide=rule, release="test").identical


async def test_the_question_names_what_it_was_asked_about(tmp_path: Path) -> None:
    async with loop(tmp_path / "wedge.db") as made:
        await made.says(placed("0", ("MUG", 1)), placed("1", ("CUP", 1)), placed("2", ("PEN", 1)))
        await pick_alone(made, "L00000000")
        asked = await made.hears(BatchAsked)
        assert [(one.order, one.version, one.locations) for one in asked.orders] == [
            ("shop:1", 1, ("A-02-1",)),
            ("shop:2", 1, ("A-06-2",)),
        ]
