"""What a host's answer means to the relay, on a real wire."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from sync.connectors.demo_shop import DemoShop
from sync.connectors.port import HostError, Later, Outgoing, Rejected, Unknown
from sync.connectors.rest import Rest
from wcs.events import StockLevel
from wcs.messages import dumps
from wcs.names import Owner, Sku

AT = datetime(2026, 11, 21, tzinfo=UTC)
LEVEL = StockLevel(owner=Owner("ACME"), sku=Sku("SKU-001"), on_hand=4, available=3, at=AT)
MESSAGE = Outgoing("12-1|shop", "shop", "stock:SKU-001", "stock", dumps(LEVEL))


@asynccontextmanager
async def answering(status: str, body: str, *headers: str) -> AsyncIterator[str]:
    """The URL of a host that has one answer for everything; an empty status is silence."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "", body]
        writer.write("\r\n".join(lines).encode() if status else b"")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def delivered(url: str) -> str:
    rest = Rest("shop", url, "token")
    try:
        (done,) = await DemoShop(rest).deliver([MESSAGE])
        return done.receipt
    finally:
        await rest.close()


async def test_a_receipt_is_what_the_host_said() -> None:
    async with answering("200 OK", json.dumps({"seen": True})) as url:
        assert await delivered(url) == '{"seen": true}'


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("429 Slow", Later, "shop is busy"),
        ("503 Away", Later, "shop is busy"),
        ("401 Who", Later, "credential"),
        ("500 Oh", Unknown, "failed with 500"),
        ("200 OK", Unknown, "without JSON"),
        ("422 No", Rejected, "said no with 422: why not"),
        ("", Unknown, "did not answer"),
    ],
)
async def test_a_failure_says_whether_it_may_have_acted(
    status: str, kind: type[HostError], words: str
) -> None:
    async with answering(status, "why not") as url:
        with pytest.raises(kind, match=words):
            await delivered(url)


async def test_a_busy_host_says_how_long() -> None:
    async with answering("429 Slow", "", "retry-after: 7") as url:
        with pytest.raises(Later) as failed:
            await delivered(url)
    assert failed.value.after_s == 7.0


async def test_a_host_that_is_away_has_surely_not_acted() -> None:
    async with answering("", "") as url:
        pass
    with pytest.raises(Later, match="cannot be reached"):
        await delivered(url)
