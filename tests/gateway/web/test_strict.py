"""What is not asked for exactly is refused, in one shape, without a trace of our insides."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.inbox import Busy
from sync.inbound import heard_by_webhook
from tests.gateway.web.bench import T0, Bench
from wcs.names import ChannelId

COUNT: dict[str, Any] = {"location": "A-01-1", "sku": "SKU-001", "qty": 3}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/orders?limit=1000000", "query.limit"),
        ("/api/orders?limit=0", "query.limit"),
        ("/api/orders?limit=ten", "query.limit"),
        ("/api/orders?state=lost", "query.state"),
        ("/api/orders?stat=held", "unknown query parameter stat; there are after, limit, state"),
        ("/api/events?after=-1", "query.after"),
        ("/api/events?after=1e400", "query.after"),
        ("/api/outbox?state=anything", "query.state"),
        ("/api/status?x=1", "unknown query parameter x"),
        ("/books.csv?of=secrets", "query.of"),
    ],
)
async def test_a_wrong_question_is_named(api: httpx.AsyncClient, path: str, words: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 422
    assert words in answer.json()["detail"] and list(answer.json()) == ["detail"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**COUNT, "quantity": 3}, "body.quantity"),
        ({**COUNT, "qty": "3"}, "body.qty"),
        ({**COUNT, "qty": 3.5}, "body.qty"),
        ({**COUNT, "qty": True}, "body.qty"),
        ({**COUNT, "qty": -1}, "body.qty"),
        ({**COUNT, "qty": 10**30}, "body.qty"),
        ({**COUNT, "sku": None}, "body.sku"),
        ({**COUNT, "sku": "x" * 65}, "body.sku"),
        ({}, "body.location"),
        ([], "body"),
        (None, "body"),
    ],
)
async def test_a_wrong_body_is_named_and_nothing_is_asked(
    desk: Bench, api: httpx.AsyncClient, body: Any, words: str
) -> None:
    answer = await api.post("/api/counts", json=body)
    assert answer.status_code == 422 and words in answer.json()["detail"]
    assert desk.asked == []


async def test_a_body_that_is_no_json(api: httpx.AsyncClient) -> None:
    for content in (b"{", b"\xff\xfe", b"[" * 5000):
        answer = await api.post(
            "/api/counts", content=content, headers={"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422) and list(answer.json()) == ["detail"]


async def test_ten_megabytes_are_refused_before_they_are_read(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/counts", content=b"x" * 10_000_000)
    assert answer.status_code == 413 and answer.json() == {"detail": "the body is larger than 1 MB"}


async def test_ten_megabytes_that_do_not_say_so_are_refused_too(api: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    answer = await api.post("/webhooks/shop", content=pieces())
    assert answer.status_code == 413


async def test_a_full_lane_says_when_to_come_again(desk: Bench, api: httpx.AsyncClient) -> None:
    desk.busy = Busy(2)
    answer = await api.post("/api/counts", json=COUNT)
    assert answer.status_code == 503 and answer.headers["retry-after"] == "2"
    assert "busy" in answer.json()["detail"]


async def test_an_act_carries_who_and_its_key(desk: Bench, api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/counts", json=COUNT, headers={"idempotency-key": "k-1"})
    assert answer.json() == {"outcome": "accepted", "reason": ""}
    (seen,) = desk.asked
    assert seen.key == "http:a-operator:k-1"
    assert getattr(seen.observation, "by", None) == "a-operator"


async def test_the_same_key_is_the_same_act(desk: Bench, api: httpx.AsyncClient) -> None:
    desk.rules["Counted"] = lambda tx: tx.answer("refused", f"seen as {tx.seq}")
    first = await api.post("/api/counts", json=COUNT, headers={"idempotency-key": "k-1"})
    again = await api.post("/api/counts", json=COUNT, headers={"idempotency-key": "k-1"})
    assert first.status_code == again.status_code == 409
    assert first.json() == again.json()


async def test_a_rule_that_fails_is_quarantined_and_said(
    desk: Bench, api: httpx.AsyncClient
) -> None:
    desk.rules["Counted"] = lambda tx: tx.save(None)  # type: ignore[arg-type]
    answer = await api.post("/api/counts", json=COUNT)
    assert answer.status_code == 500 and answer.json()["outcome"] == "quarantined"
    assert "Traceback" not in answer.text


async def test_what_is_not_there_has_the_same_shape(api: httpx.AsyncClient) -> None:
    for path, status in (("/api/nothing", 404), ("/static/../settings.py", 404)):
        answer = await api.get(path)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
    assert (await api.post("/api/orders")).status_code == 405


async def test_a_person_gets_a_page_and_a_program_json(api: httpx.AsyncClient) -> None:
    page = await api.get("/work/NOWHERE", headers={"accept": "text/html"})
    assert page.status_code == 404 and "<h1>Not Found</h1>" in page.text
    assert (await api.get("/work/NOWHERE")).json()["detail"].startswith("there is no station")


async def test_every_answer_carries_the_headers_of_a_page(api: httpx.AsyncClient) -> None:
    for path in ("/", "/api/status", "/health/live", "/nothing"):
        headers = (await api.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


async def test_the_description_is_openapi_31_with_examples(app: FastAPI) -> None:
    described = app.openapi()
    assert described["openapi"].startswith("3.1")
    paths = described["paths"]
    assert {"/api/orders", "/api/books", "/webhooks/{channel}", "/metrics"} <= set(paths)
    text = json.dumps(described)
    assert text.count('"examples"') > 50 and "SKU-001" in text
    taken = {
        name: body for name, body in described["components"]["schemas"].items() if "Body" in name
    }
    bare = [
        f"{name}.{field}"
        for name, body in taken.items()
        for field, said in body["properties"].items()
        if not said.keys() & {"examples", "enum"}
    ]
    assert len(taken) > 5 and bare == []
    (content,) = paths["/webhooks/{channel}"]["post"]["requestBody"]["content"].values()
    heard = heard_by_webhook(ChannelId("shop"), json.dumps(content["example"]).encode(), T0)
    assert heard.key == "shop:order:1001:1"


async def test_a_page_holds_no_inline_script_or_style(api: httpx.AsyncClient) -> None:
    for path in ("/", "/work", "/work/PICK-A", "/life", "/books", "/login"):
        html = (await api.get(path)).text
        assert "<style" not in html and " style=" not in html and " onclick=" not in html
        assert "<script>" not in html
