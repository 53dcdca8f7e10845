"""Asks the planner process for the plans that rules ask for, and brings them back as observations.

Without an answer the gateway goes on: the rules' own timers release what waits for a plan.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.feed import Feed, Told
from gateway.inbox import Inbox
from gateway.routing.process import Computing, NoAnswer
from wcs.envelope import Nobody, Seen
from wcs.events import TourAsked
from wcs.names import LocationCode
from wcs.observations import Observation, SiteChanged, TourPlanned

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
            if isinstance(event, TourAsked):
                group.create_task(self._plan(id_, event))

    async def _plan(self, id_: str, asked: TourAsked) -> None:
        try:
            planned = await self._tour(asked)
        except NoAnswer as err:
            log.error("order %s is not routed: %s", asked.order, err)
        else:
            await self.inbox.put(Seen(planned, Nobody(), f"tour:{id_}"))

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
