"""One host on a real wire: tokens, keys, failing modes, the log, and coming back after a kill."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.hosts.app import Host
from simulators.hosts.call import Answer, NoAnswer, call
from simulators.hosts.erp_book import ErpBook
from simulators.hosts.failing import Failing
from simulators.hosts.http import Request, Requests, serving
from simulators.hosts.journal import Journal

TOKEN, CONTROL = "of-the-gateway", "of-the-director"
SHIPMENT = {"order": "1", "owner": "A", "load": "7", "partial": False, "parcels": [], "lines": []}


class Erp:
    """The ERP as its two clients see it."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def ask(self, method: str, path: str, content=None, key="", token=TOKEN) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return await call(method, self.url + path, content, headers=headers, within_s=0.3)

    async def ship(self, key: str) -> Answer:
        return await self.ask("POST", "/shipments", SHIPMENT, key)

    async def control(self, what: str, content=None) -> dict:
        method = "GET" if content is None else "POST"
        answer = await self.ask(method, f"/control/{what}", content, token=CONTROL)
        assert answer.ok
        return answer.body


@asynccontextmanager
async def running(path: Path | None = None) -> AsyncIterator[Erp]:
    journal = Journal(path)
    host = Host(ErpBook(), journal, token=TOKEN, control_token=CONTROL)
    async with serving(host.handle) as port:
        yield Erp(f"http://127.0.0.1:{port}")
    journal.close()


@pytest.fixture
async def erp() -> AsyncIterator[Erp]:
    async with running() as one:
        yield one


async def shipments(erp: Erp) -> int:
    return len((await erp.control("state"))["shipments"].get("1", ()))


async def test_the_same_key_acts_once_and_is_answered_as_the_first_time(erp: Erp) -> None:
    first, again = await erp.ship("k1"), await erp.ship("k1")
    assert (first.status, first.body) == (again.status, again.body) == (201, {"shipment": "1/1"})
    state = await erp.control("state")
    assert len(state["shipments"]["1"]) == 1
    assert state["host"]["repeats"] == 1


async def test_a_key_used_for_something_else_is_refused(erp: Erp) -> None:
    await erp.ship("k1")
    wrong = await erp.ask("PUT", "/stock/A/S", {"on_hand": 1, "version": 1}, "k1")
    assert wrong.status == 422


async def test_without_the_token_nothing_is_done(erp: Erp) -> None:
    assert (await erp.ask("POST", "/shipments", SHIPMENT, "k", token="guessed")).status == 401
    assert (await erp.ask("GET", "/control/state", token=TOKEN)).status == 401
    assert await shipments(erp) == 0


@pytest.mark.parametrize(("mode", "status"), [("500", 500), ("429", 429)])
async def test_a_refusing_host_acts_on_nothing(erp: Erp, mode: str, status: int) -> None:
    await erp.control("fail", {"mode": mode, "count": 1})
    answer = await erp.ship("k1")
    assert answer.status == status
    assert answer.headers.get("retry-after") == ("1" if mode == "429" else None)
    assert await shipments(erp) == 0
    assert (await erp.ship("k1")).status == 201


@pytest.mark.parametrize(("mode", "acted"), [("silent", 0), ("down", 0), ("lost_answer", 1)])
async def test_a_host_that_does_not_answer(erp: Erp, mode: str, acted: int) -> None:
    await erp.control("fail", {"mode": mode, "count": 1})
    with pytest.raises(NoAnswer):
        await erp.ship("k1")
    assert await shipments(erp) == acted
    assert (await erp.ship("k1")).status == 201
    assert await shipments(erp) == 1


async def test_a_failure_without_count_lasts_until_it_is_ended(erp: Erp) -> None:
    await erp.control("fail", {"mode": "500"})
    assert [(await erp.ship("k")).status for _ in range(3)] == [500, 500, 500]
    await erp.control("fail", {"mode": None})
    assert (await erp.ship("k")).status == 201
    assert (await erp.control("state"))["host"]["failed"] == 3


async def test_a_mode_that_does_not_exist_is_refused(erp: Erp) -> None:
    refused = await erp.ask("POST", "/control/fail", {"mode": "tired"}, token=CONTROL)
    assert refused.status == 422
    assert "tired" in refused.body["error"]


async def test_every_request_is_in_the_log_with_what_became_of_it(erp: Erp) -> None:
    await erp.ship("k1")
    await erp.control("fail", {"mode": "lost_answer", "count": 1})
    with pytest.raises(NoAnswer):
        await erp.ship("k2")
    log = (await erp.control("log"))["log"]
    assert [(entry["path"], entry["key"], entry["answered"]) for entry in log] == [
        ("/shipments", "k1", 201),
        ("/shipments", "k2", "nothing"),
    ]


async def test_a_killed_host_comes_back_with_its_book_and_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "erp.jsonl"
    async with running(path) as erp:
        await erp.ship("k1")
    with path.open("ab") as torn:
        torn.write(b'{"method": "POST", "pa')  # killed in the middle of a line
    async with running(path) as erp:
        assert await shipments(erp) == 1
        assert (await erp.ship("k1")).body == {"shipment": "1/1"}
        assert (await erp.ship("k2")).body == {"shipment": "1/2"}
    async with running(path) as erp:
        assert await shipments(erp) == 2


async def test_unknown_paths_and_broken_bodies_are_clear_4xx(erp: Erp) -> None:
    assert (await erp.ask("GET", "/nonsense")).status == 404
    headers = {"Authorization": f"Bearer {TOKEN}"}
    broken = await call("POST", f"{erp.url}/shipments", raw=b"{", headers=headers)
    assert broken.status == 422


async def test_what_is_not_http_ends_its_own_line_only(erp: Erp) -> None:
    host, port = erp.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\x16\x03\x01 hello\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    assert (await erp.ship("k")).status == 201


@given(st.lists(st.sampled_from(["", '{"a": 1}', '{"b": "ü"}']), min_size=1, max_size=4), st.data())
def test_requests_survive_any_chopping(bodies: list[str], data: st.DataObject) -> None:
    """Pipelined requests come out whole and in order, wherever TCP cut them."""
    whole = b"".join(
        b"POST /p%d?x=%d HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (n, n, len(raw), raw)
        for n, raw in enumerate(body.encode() for body in bodies)
    )
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=6)))
    parsed, seen = Requests(), list[Request]()
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        seen += parsed.feed(whole[start:end])
    assert [(one.path, one.query, one.body.decode()) for one in seen] == [
        (f"/p{n}", {"x": str(n)}, body) for n, body in enumerate(bodies)
    ]


def test_counted_failures_end_by_themselves() -> None:
    failing = Failing()
    failing.set("500", 2)
    assert [failing.take() for _ in range(3)] == ["500", "500", None]


def test_a_journal_line_is_plain_json(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    journal.append({"a": 1})
    journal.close()
    assert json.loads((tmp_path / "a.jsonl").read_text()) == {"a": 1}
