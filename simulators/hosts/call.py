"""One HTTP request over loopback, answered or not."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httptools


class NoAnswer(Exception):
    """Nobody listened, the line broke, or nothing came in time: it may have been acted on."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class _Response:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


def _request(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


async def _exchange(request: bytes, host: str, port: int) -> Answer:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        response = _Response()
        parser = httptools.HttpResponseParser(response)
        while not response.complete:
            data = await reader.read(65536)
            if not data:
                raise NoAnswer("the line was closed before the answer was whole")
            parser.feed_data(data)
    finally:
        writer.close()
    body = json.loads(response.body) if response.body else None
    return Answer(parser.get_status_code(), response.headers, body)


async def call(
    method: str,
    url: str,
    content: Any = None,
    *,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    within_s: float = 5.0,
) -> Answer:
    """Sends `content` as JSON, or `raw` as it is. Raises NoAnswer."""
    body = raw if raw is not None else b"" if content is None else json.dumps(content).encode()
    parts = urlsplit(url)
    sent = {"Content-Type": "application/json", **(headers or {})}
    try:
        async with asyncio.timeout(within_s):
            request = _request(method, url, body, sent)
            return await _exchange(request, parts.hostname or "", parts.port or 80)
    except TimeoutError as err:
        raise NoAnswer(f"{method} {url}: no answer within {within_s} s") from err
    except (OSError, ValueError, httptools.HttpParserError) as err:
        raise NoAnswer(f"{method} {url}: {err}") from err
