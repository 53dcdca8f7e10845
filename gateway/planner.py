"""Asks the planner process for the plans that rules ask for, and brings them back as observations.

Without an answer the gateway goes on: the rules' own timers release what waits for a plan.
"""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.feed import Feed, Told
from gateway.inbox import Inbox
from gateway.routing.process import Computing, NoAnswer
from wcs.envelope import Nobody, Seen
from wcs.events import BatchAsked, TourAsked
from wcs.names import LocationCode, OrderKey
from wcs.observations import BatchPlanned, Observation, SiteChanged, TourPlanned

log = logging.getLogger(__name__)


class Clock(Protocol):
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Planner:
    feed: Feed
    inbox: Inbox
    clock: Clock
    computing: Computing

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.computing.run())
            while True:
                with self.feed.listen() as listener:
                    async for told in listener:
                        self._hear(told, group)

    def _hear(self, told: Told, group: asyncio.TaskGroup) -> None:
        if isinstance(told.observation, SiteChanged) and told.answer.outcome == "accepted":
            self.computing.adopt(told.observation.site.layout)
        for id_, event in told.events:
            match event:
                case TourAsked():
                    what = f"order {event.order} is not routed"
                    group.create_task(self._plan(f"tour:{id_}", what, self._tour(event)))
                case BatchAsked():
                    what = f"batch {event.batch} is not planned"
                    group.create_task(self._plan(f"batch:{id_}", what, self._batch(event)))
                case _:
                    pass

    async def _plan(self, key: str, failed: str, planning: Awaitable[Observation]) -> None:
        try:
            planned = await planning
        except NoAnswer as err:
            log.error("%s: %s", failed, err)
        else:
            await self.inbox.put(Seen(planned, Nobody(), key))

    async def _tour(self, asked: TourAsked) -> Observation:
        """Raises NoAnswer."""
        question = {"start": asked.start, "end": asked.end, "locations": asked.locations}
        answer = await self.computing.ask({"tour": question})
        return TourPlanned(
            order=asked.order,
            version=asked.version,
            locations=tuple(map(LocationCode, answer["locations"])),
            length_mm=answer["length_mm"],
            optimal=answer["optimal"],
            at=self.clock.now(),
        )

    async def _batch(self, asked: BatchAsked) -> Observation:
        """Raises NoAnswer."""
        orders = [{"order": one.order, "locations": one.locations} for one in asked.orders]
        question = {"start": asked.start, "end": asked.end, "capacity": asked.capacity}
        answer = await self.computing.ask({"batch": {**question, "orders": orders}})
        return BatchPlanned(
            batch=asked.batch,
            orders=tuple(tuple(map(OrderKey, held)) for held in answer["orders"]),
            walks=tuple(tuple(map(LocationCode, walk)) for walk in answer["walks"]),
            lengths_mm=tuple(answer["lengths_mm"]),
            optimal=answer["optimal"],
            at=self.clock.now(),
        )
