"""The web shop: its customers order, pay and cancel as the story says; it tells the gateway by
signed webhooks and keeps what it hears."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulators import process
from simulators.hosts.app import Host
from simulators.hosts.customers import Customers
from simulators.hosts.http import Reply, Request, Silence
from simulators.hosts.run import listening, opened, parser
from simulators.hosts.shop_book import Delivery, ShopBook
from simulators.hosts.webhooks import Webhooks
from simulators.story import plan

SECRET = "SHOP_SECRET"


class Shop:
    """Joins the book, the customers who change it and the webhooks that tell of it."""

    def __init__(self, book: ShopBook, host: Host, webhooks_to: str, seed: int) -> None:
        self._book, self._host = book, host
        secret = os.environ[SECRET]
        self.webhooks = Webhooks(webhooks_to, secret, seed, self._oldest, self._taken)
        self._do("open", {})

    def customers(self, seed: int, orders: int, pace: float) -> Customers:
        opened_at = datetime.fromisoformat(self._book.opened_at or "")
        age_s = (datetime.now(UTC) - opened_at).total_seconds()
        self._customers = Customers(plan(seed, orders), self._book, self.act, age_s, pace)
        return self._customers

    def act(self, what: str, body: dict[str, Any]) -> None:
        """What a customer does, and the webhook that tells of it."""
        self._do(what, body)
        self.tell()

    def tell(self) -> None:
        """Sees to it that whatever waits is on its way."""
        for number in list(self._book.waiting):
            self.webhooks.go(number)

    async def handle(self, request: Request) -> Reply | Silence:
        reply = await self._host.handle(request)
        if request.method == "POST":
            self.tell()
            await self._customers.told()
        return reply

    def _oldest(self, number: str) -> Delivery | None:
        return next(iter(self._book.waiting.get(number, ())), None)

    def _taken(self, delivery: Delivery) -> None:
        self._do(f"delivered/{delivery.number}/{delivery.id}", {})

    def _do(self, what: str, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        reply = self._host.act(Request("POST", f"/control/{what}", body=content))
        if reply.status >= 300:
            raise RuntimeError(f"the shop refuses its own {what}: {reply.body}")


async def serve(place: process.Place, folder: Path, gateway: str, orders: int, pace: float) -> None:
    book = ShopBook()
    async with opened(book, place.id, folder, SECRET) as host:
        shop = Shop(book, host, f"{gateway}/webhooks/{place.id}", place.seed)
        customers = shop.customers(place.seed, orders, pace)
        async with shop.webhooks, listening(place, shop.handle):
            shop.tell()
            await customers.run()
            await asyncio.Event().wait()


def main() -> None:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--gateway", required=True, help="URL of the gateway")
    arguments.add_argument("--orders", type=int, default=0, help="orders of the story")
    arguments.add_argument("--pace", type=float, default=1.0, help="times further apart")
    given = arguments.parse_args()
    place = process.place(given)
    process.run(lambda: serve(place, given.state, given.gateway, given.orders, given.pace))


if __name__ == "__main__":
    main()
