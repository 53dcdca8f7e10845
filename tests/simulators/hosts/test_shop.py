"""The shop as a process against a stub of the gateway: webhooks, customers, a kill in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from simulators.child import Child, Program
from simulators.hosts.call import call
from simulators.hosts.http import Reply, Request, Silence, serving
from simulators.hosts.webhooks import signed
from simulators.spawn import Nursery
from simulators.story import plan

SECRET, CONTROL = "shared-with-the-shop", "of-the-director"
ORDERS = 6
SEED = next(
    n for n in range(100) if any(o.cancel_when == "picking" for o in plan(n, ORDERS).orders)
)
WITHIN_S = 15.0


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """The example of the specification's own libraries."""
    import base64

    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


class Gateway:
    """Takes webhooks as told by `answers`, the last one for ever."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict]] = []
        self.answers: list[Reply | Silence] = [Reply(200)]
        self.forged = 0
        self._news = asyncio.Condition()

    async def handle(self, request: Request) -> Reply | Silence:
        delivery, at = request.headers["webhook-id"], int(request.headers["webhook-timestamp"])
        right = signed(SECRET.encode(), delivery, at, request.body)
        self.forged += right["webhook-signature"] != request.headers["webhook-signature"]
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.seen.append((delivery, json.loads(request.body)))
        async with self._news:
            self._news.notify_all()
        return answer

    async def sees(self, what: Callable[[list[dict]], bool]) -> list[dict]:
        """Waits until the bodies seen so far are as they should be."""
        async with asyncio.timeout(WITHIN_S), self._news:
            await self._news.wait_for(lambda: what(self.bodies))
        return self.bodies

    @property
    def bodies(self) -> list[dict]:
        return [body for _, body in self.seen]

    def numbers(self, kind: str) -> set[str]:
        return {body["order"]["number"] for body in self.bodies if body["type"] == kind}


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    stub = Gateway()
    async with serving(stub.handle) as port:
        yield stub, f"http://127.0.0.1:{port}"


@pytest.fixture
async def shop(gateway, tmp_path: Path, nursery: Nursery) -> AsyncIterator[Callable[[int], Child]]:
    """Makes a shop of so many orders; ends it in the end."""
    made: list[Child] = []

    def make(orders: int) -> Child:
        arguments = ("--state", str(tmp_path), "--gateway", gateway[1], "--orders", str(orders))
        secrets = {"SHOP_SECRET": SECRET, "CONTROL_TOKEN": CONTROL}
        program = Program("shop", "simulators.shop", ("--seed", str(SEED), *arguments), secrets)
        made.append(Child(program, tmp_path, nursery))
        return made[-1]

    yield make
    for child in made:
        await child.stop()


async def ask(shop: Child, method: str, path: str, content=None, token: str = CONTROL):
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": path + str(content)}
    answer = await call(method, shop.address["url"] + path, content, headers=headers)
    assert answer.ok, answer
    return answer.body


async def test_the_story_is_placed_and_each_order_told_once(gateway, shop) -> None:
    stub, _ = gateway
    one = shop(ORDERS)
    await one.start()
    wanted = {order.number for order in plan(SEED, ORDERS).orders}
    await stub.sees(lambda _: stub.numbers("order.placed") == wanted)
    assert stub.forged == 0
    served = await ask(one, "GET", "/orders?after=0&limit=500", token=SECRET)
    assert {order["number"] for order in served["orders"]} == wanted


async def test_a_refused_webhook_is_repeated_under_its_own_id(gateway, shop) -> None:
    stub, _ = gateway
    stub.answers = [Reply(503, headers={"Retry-After": "1"}), Silence.DROP, Reply(500), Reply(200)]
    one = shop(0)
    await one.start()
    await ask(one, "POST", "/control/place", {"number": "77"})
    await stub.sees(lambda bodies: len(bodies) >= 4)
    assert len({delivery for delivery, _ in stub.seen}) == 1


async def test_a_customer_cancels_on_hearing_the_moment_of_the_story(gateway, shop) -> None:
    stub, _ = gateway
    one = shop(ORDERS)
    await one.start()
    fickle = next(o for o in plan(SEED, ORDERS).orders if o.fate == "cancel_picking")
    await stub.sees(lambda _: fickle.number in stub.numbers("order.placed"))
    for status in ("acknowledged", "picking"):
        assert fickle.number not in stub.numbers("order.cancelled")
        path = f"/orders/{fickle.number}/status"
        await ask(one, "POST", path, {"status": status}, token=SECRET)
    await stub.sees(lambda _: fickle.number in stub.numbers("order.cancelled"))


async def test_a_killed_shop_tells_what_it_had_not_told(gateway, shop) -> None:
    stub, _ = gateway
    stub.answers = [Reply(500)]
    one = shop(0)
    address = await one.start()
    await ask(one, "POST", "/control/place", {"number": "77"})
    await stub.sees(lambda bodies: len(bodies) >= 1)
    await one.kill()
    stub.answers = [Reply(200)]
    assert await one.start() == address
    before = len(stub.seen)
    await stub.sees(lambda bodies: len(bodies) > before)
    assert {delivery for delivery, _ in stub.seen} == {"msg_000001"}
    kept = await ask(one, "GET", "/orders/77", token=SECRET)
    assert kept["number"] == "77"


async def test_a_killed_shop_does_not_place_its_orders_again(gateway, shop) -> None:
    stub, _ = gateway
    one = shop(ORDERS)
    await one.start()
    await stub.sees(lambda bodies: len(bodies) >= 3)
    await one.kill()
    await one.start()
    wanted = {order.number for order in plan(SEED, ORDERS).orders}
    await stub.sees(lambda _: stub.numbers("order.placed") == wanted)
    ids = {(d, b["order"]["number"]) for d, b in stub.seen if b["type"] == "order.placed"}
    assert len(ids) == len(wanted)
