"""A shop's delivery at the app: signed, answered after the commit, the same again the same."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from gateway.inbox import Busy
from tests.gateway.web.bench import SECRETS, T0, Bench

ORDER: dict[str, Any] = {
    "type": "order.placed",
    "order": {
        "number": "1001",
        "version": 1,
        "lines": [{"line": 1, "sku": "SKU-001", "qty": 2}],
        "service": "standard",
        "paid": True,
        "ship_to": {"name": "Ada Quist", "street": "1 Mill Lane", "city": "Easton"},
        "placed_at": "2026-11-21T09:59:00Z",
    },
}


async def deliver(
    web: httpx.AsyncClient,
    body: Any = ORDER,
    *,
    secret: str = SECRETS["SHOP_SECRET"],
    age_s: float = 0,
    channel: str = "shop",
) -> httpx.Response:
    content = json.dumps(body).encode()
    stamp = str(int(T0.timestamp() - age_s))
    signed = hmac.new(secret.encode(), f"msg_1.{stamp}.".encode() + content, hashlib.sha256)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(signed.digest()).decode(),
    }
    return await web.post(f"/webhooks/{channel}", content=content, headers=headers)


async def test_a_signed_order_is_one_observation(desk: Bench, web: httpx.AsyncClient) -> None:
    answers = [await deliver(web) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json() == {"outcome": "accepted", "reason": ""}
    with desk.store.reader() as conn:
        rows = conn.execute("SELECT kind, raw FROM journal").fetchall()
        private = conn.execute("SELECT body FROM private").fetchall()
    assert [kind for kind, _ in rows] == ["OrderPlaced"]
    assert "Ada Quist" not in rows[0][1] and "Ada Quist" in private[0][0]


async def test_a_refusal_is_an_answer_that_is_not_sent_again(
    desk: Bench, web: httpx.AsyncClient
) -> None:
    desk.rules["OrderPlaced"] = lambda tx: tx.answer("refused", "shipped")
    answer = await deliver(web)
    assert answer.status_code == 200 and answer.json()["reason"] == "shipped"


@pytest.mark.parametrize("wrong", [{"secret": "guess"}, {"age_s": 301}, {"age_s": -301}])
async def test_what_the_shop_did_not_sign_now_is_a_stranger(
    desk: Bench, web: httpx.AsyncClient, wrong: dict[str, Any]
) -> None:
    assert (await deliver(web, **wrong)).status_code == 401
    assert (await web.post("/webhooks/shop", json=ORDER)).status_code == 401
    assert desk.asked == []


async def test_a_signed_body_that_is_no_order_is_named(web: httpx.AsyncClient) -> None:
    lines = {**ORDER["order"], "lines": []}
    answer = await deliver(web, {"type": "order.placed", "order": lines})
    assert answer.status_code == 422 and "order.lines" in answer.json()["detail"]


async def test_an_unknown_channel_and_a_full_lane(desk: Bench, web: httpx.AsyncClient) -> None:
    assert (await deliver(web, channel="other")).status_code == 404
    desk.busy = Busy(3)
    answer = await deliver(web)
    assert answer.status_code == 503 and answer.headers["retry-after"] == "3"
