"""The shop's webhooks: signed, in order per order, repeated until the other side took them."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from types import TracebackType

from simulators.hosts.call import Answer, NoAnswer, call
from simulators.hosts.shop_book import Delivery

AT_ONCE = 8
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 3.0
REPEATED = 1 / 8
"""Share of deliveries that are sent once more although they were taken, as real shops do."""


def signed(key: bytes, delivery: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers of Standard Webhooks 1.0 (HMAC-SHA256 over `id.timestamp.body`)."""
    content = b".".join((delivery.encode(), str(timestamp).encode(), body))
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


class Webhooks:
    """Sends what waits; one line of deliveries per order, a few orders at once."""

    def __init__(
        self,
        url: str,
        secret: str,
        seed: int,
        waiting: Callable[[str], Delivery | None],
        taken: Callable[[Delivery], None],
    ) -> None:
        """`waiting` names the oldest delivery of an order; `taken` is told when it was taken."""
        self.attempts = 0
        self._url, self._secret, self._seed = url, secret, seed
        self._waiting, self._taken = waiting, taken
        self._lines: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> "Webhooks":
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for line in self._lines.values():
            line.cancel()
        await self._tasks.__aexit__(kind, error, trace)

    def go(self, number: str) -> None:
        """Something waits for this order."""
        if number not in self._lines:
            self._lines[number] = self._tasks.create_task(self._line(number))

    async def _line(self, number: str) -> None:
        try:
            while delivery := self._waiting(number):
                await self._deliver(delivery)
                self._taken(delivery)
        finally:
            del self._lines[number]

    async def _deliver(self, delivery: Delivery) -> None:
        wait_s = FIRST_WAIT_S
        while not await self._took(delivery):
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        if random.Random(f"{self._seed}:{delivery.id}").random() < REPEATED:
            await self._took(delivery)

    async def _took(self, delivery: Delivery) -> bool:
        async with self._turns:
            self.attempts += 1
            try:
                answer = await self._send(delivery)
            except NoAnswer:
                return False
        return answer.ok

    async def _send(self, delivery: Delivery) -> Answer:
        body = json.dumps(delivery.body).encode()
        headers = signed(self._secret.encode(), delivery.id, int(time.time()), body)
        return await call("POST", self._url, raw=body, headers=headers)
