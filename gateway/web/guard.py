"""What every request passes: who it is, what they may, how large it is, what a browser may do."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.auth import Actor, Role
from gateway.context import Gateway

COOKIE: Final = "wedge"
MAX_BODY: Final = 1_000_000
SAFE: Final = ("GET", "HEAD", "OPTIONS")
HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
        b" form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


def gateway_of(request: Request) -> Gateway:
    found: Gateway = request.app.state.gateway
    return found


def actor_of(request: Request) -> Actor | None:
    """By bearer token, else by the session cookie."""
    auth = gateway_of(request).auth
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return auth.by_token(token.strip())
    cookie = request.cookies.get(COOKIE, "")
    return auth.by_session(cookie) if cookie and is_own_page(request) else None


def is_own_page(request: Request) -> bool:
    """A cookie acts only from our own pages: browsers say where a request comes from."""
    if request.method in SAFE:
        return True
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    return site == "same-origin" or origin == f"{request.url.scheme}://{request.url.netloc}"


def needs(role: Role) -> Callable[[Request], Actor]:
    """A dependency: 401 without a name, 403 with too small a role."""

    def check(request: Request) -> Actor:
        actor = actor_of(request)
        if actor is None:
            raise HTTPException(401, "say who you are: bearer token, or sign in at /login")
        if not actor.may(role):
            raise HTTPException(403, f"{actor.name} is a {actor.role}; this needs {role}")
        return actor

    return check


Viewer = Annotated[Actor, Depends(needs("viewer"))]
Operator = Annotated[Actor, Depends(needs("operator"))]
Engineer = Annotated[Actor, Depends(needs("engineer"))]
Site = Annotated[Gateway, Depends(gateway_of)]


class TooLarge(Exception):
    """The body went on after the limit."""


class Limits:
    """Refuses bodies over a megabyte before they are read, and adds the headers of a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > MAX_BODY:
            await _refuse(send)
            return
        started: list[bool] = []
        try:
            await self._app(scope, _counted(receive), _with_headers(send, started))
        except TooLarge:
            if not started:
                await _refuse(send)


def _counted(receive: Receive) -> Receive:
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise TooLarge
        return message

    return limited


def _with_headers(send: Send, started: list[bool]) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(True)
            given: list[Any] = list(message.get("headers", []))
            names = {name.lower() for name, _ in given}
            message["headers"] = given + [pair for pair in HEADERS if pair[0] not in names]
        await send(message)

    return sending


async def _refuse(send: Send) -> None:
    body = b'{"detail":"the body is larger than 1 MB"}'
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
