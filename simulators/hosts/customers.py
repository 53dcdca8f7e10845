"""The shop's customers: they place, pay and cancel the orders of the story at their moments."""

import asyncio
from collections.abc import Callable
from typing import Any

from simulators.hosts.shop_book import ShopBook
from simulators.story import PlannedOrder, Story

Act = Callable[[str, dict[str, Any]], None]
"""Does `/control/<act>` in the shop, as a visitor may."""


class Customers:
    """Acts that the shop knows from an earlier life are not done again."""

    def __init__(
        self, story: Story, book: ShopBook, act: Act, age_s: float, pace: float = 1.0
    ) -> None:
        """`age_s`: how long ago the shop opened for the first time. `pace`: orders arrive so many
        times further apart than the story says."""
        self._story, self._book, self._act, self._pace = story, book, act, pace
        self._opened = asyncio.get_running_loop().time() - age_s
        self._news = asyncio.Condition()

    async def told(self) -> None:
        """The gateway told the shop something: whoever waits for it looks again."""
        async with self._news:
            self._news.notify_all()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as lives:
            for order in self._story.orders:
                lives.create_task(self._live(order))

    async def _live(self, order: PlannedOrder) -> None:
        arrives_s = order.arrives_s * self._pace
        await self._until(arrives_s)
        if order.number not in self._book.orders:
            self._act("place", placement(order))
        if order.pays_after_s is not None:
            await self._until(arrives_s + order.pays_after_s)
            if not self._book.orders[order.number].paid:
                self._act(f"change/{order.number}", {"paid": True})
        if order.cancel_when is not None:
            await self._hears(order.number, order.cancel_when)
            if self._book.orders[order.number].status != "cancelled":
                self._act(f"cancel/{order.number}", {})

    async def _until(self, age_s: float) -> None:
        await asyncio.sleep(self._opened + age_s - asyncio.get_running_loop().time())

    async def _hears(self, number: str, status: str) -> None:
        async with self._news:
            await self._news.wait_for(lambda: status in self._book.orders[number].told())


def placement(order: PlannedOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "lines": [{"line": one.line, "sku": one.sku, "qty": one.qty} for one in order.lines],
        "service": order.service,
        "paid": order.paid,
        "ship_to": dict(order.ship_to),
    }
