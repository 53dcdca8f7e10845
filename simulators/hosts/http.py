"""HTTP/1.1 over asyncio streams: requests in, replies or silence out. Small, so that a host starts
in a blink and can misbehave below the level of a web framework."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import httptools

BODY_LIMIT = 1_000_000
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is unquoted; header names are lower case; `at` is ISO 8601 UTC, set by the host."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    at: str = ""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises ValueError when it is none."""
        content = json.loads(self.body or b"{}")
        if not isinstance(content, dict):
            raise ValueError("the body must be a JSON object")
        return content

    @property
    def bearer(self) -> str:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Silence(Enum):
    HOLD = "the line stays open and nothing is said until the client goes"
    DROP = "the line is cut"


Handler = Callable[[Request], Awaitable[Reply | Silence]]


class Requests:
    """Callbacks of httptools: collects whole requests, however the bytes were chopped up."""

    def __init__(self) -> None:
        self.whole: list[Request] = []
        self._parser = httptools.HttpRequestParser(self)
        self._start()

    def _start(self) -> None:
        self._url, self._headers, self._body = b"", dict[str, str](), bytearray()

    def feed(self, data: bytes) -> list[Request]:
        """Raises httptools.HttpParserError on what is not HTTP or is longer than the limit."""
        self._parser.feed_data(data)
        whole, self.whole = self.whole, []
        return whole

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > BODY_LIMIT:
            raise ValueError("body too long")

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        method = self._parser.get_method().decode("ascii")
        request = Request(
            method, unquote(path), dict(parse_qsl(query)), self._headers, bytes(self._body)
        )
        self.whole.append(request)
        self._start()


def encode(reply: Reply) -> bytes:
    body = b"" if reply.body is None else json.dumps(reply.body).encode()
    lines = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


async def _talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler
) -> None:
    parsed = Requests()
    while data := await reader.read(65536):
        for request in parsed.feed(data):
            reply = await handler(request)
            if reply is Silence.DROP:
                writer.transport.abort()
                return
            if reply is Silence.HOLD:
                while await reader.read(65536):
                    pass
                return
            writer.write(encode(reply))
            await writer.drain()


@asynccontextmanager
async def serving(handler: Handler, port: int = 0) -> AsyncIterator[int]:
    """Serves on loopback while the context is open; yields the port."""
    lines: set[asyncio.Task[None]] = set()

    async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        lines.add(task)
        try:
            # A client that leaves or talks nonsense ends its own line and nothing else.
            with suppress(OSError, httptools.HttpParserError):
                await _talk(reader, writer, handler)
        finally:
            lines.discard(task)
            writer.close()

    server = await asyncio.start_server(line, LOOPBACK, port, backlog=256)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in lines:
            task.cancel()
        await asyncio.gather(*lines, return_exceptions=True)
