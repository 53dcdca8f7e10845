"""Every route of the app against every role: nothing is open that is not listed here."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.auth import ROLES
from tests.gateway.web.bench import Bench

OPEN = {
    "GET /health/live",
    "GET /health/ready",
    "GET /static/{name}",
    "GET /static/vendor/{name}",
    "GET /enter",  # the token in it is the credential
    "GET /login",
    "POST /login",
    "POST /webhooks/{channel}",  # signed by the channel
}
VIEWER = {
    "GET /metrics",
    "GET /api/openapi.json",
    "GET /api/orders",
    "GET /api/orders/{key}",
    "GET /api/stock",
    "GET /api/cartons/{lpn}",
    "GET /api/devices",
    "GET /api/events",
    "GET /api/outbox",
    "GET /api/work/{station}",
    "GET /api/status",
    "GET /api/books",
    "GET /api/layout",
    "POST /api/pick-paths",
    "GET /",
    "GET /overview/stream",
    "GET /overview/ground.svg",
    "GET /life",
    "GET /books",
    "GET /books.csv",
    "GET /devices",
    "GET /devices/{device}",
    "GET /devices/stream",
    "GET /api/devices/{device}/observed",
    "GET /api/ready",
    "GET /api/tags",
    "GET /api/tags/{device}",
    "GET /tags",
    "GET /audit",
    "GET /api/audit",
    "GET /api/conditions",
    "POST /logout",
}
OPERATOR = {
    "POST /api/outbox/{id}/retry",
    "POST /api/work/{station}/scan",
    "POST /api/work/pick",
    "POST /api/hospital/{lpn}",
    "POST /api/counts",
    "POST /api/putbacks",
    "POST /api/cartons/{lpn}/{act}",
    "POST /api/cartons/{lpn}/label",
    "POST /api/conditions/{device}/{tag}",
    "POST /api/cartons/{lpn}/plate",
    "POST /api/orders/{order}/short",
    "POST /api/lanes/{lane}/close",
    "POST /api/doors/{device}",
    "GET /work",
    "GET /work/{station}",
    "GET /work/{station}/stream",
    "GET /play",
    "GET /play/stream",
    "POST /play/order",
    "POST /play/cancel/{number}",
    "POST /play/press",
    "POST /play/scan",
    "POST /play/break/{what}",
    "GET /ready",
    "POST /api/ready",
    "POST /api/ready/lamps/{device}/walk",
    "POST /api/ready/lamps/{device}/seen",
    "POST /api/tags/{device}/{tag}",  # and an engineer where the map does not say otherwise
}
ENGINEER = {
    "POST /api/devices/{device}/mode",
    "POST /api/methods/{device}/{method}",
    "POST /api/devices/{device}/replace",
    "POST /api/devices/{device}/undo",
    "POST /api/devices/{device}/simulate",
    "GET /api/reload",
    "POST /api/reload",
    "GET /reload",
}
ALL = VIEWER | OPERATOR | ENGINEER
BY_ROLE = {"viewer": VIEWER, "operator": VIEWER | OPERATOR, "engineer": ALL, "admin": ALL}
PAGES = re.compile(
    r"GET /(work|work/\{station\}|life|books|books\.csv|play|ready|reload|tags|audit)?$"
    r"|GET /devices(/\{device\})?$|POST /logout$"
)
STREAMS = {
    "GET /overview/stream",
    "GET /work/{station}/stream",
    "GET /play/stream",
    "GET /devices/stream",
}


def routes(app: FastAPI) -> list[str]:
    return sorted(
        f"{method} {route.path}"
        for route in every(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
    )


def every(found: Any) -> list[APIRoute]:
    """Routers may be kept whole by the framework."""
    made: list[APIRoute] = []
    for route in found:
        if isinstance(route, APIRoute):
            made.append(route)
        elif hasattr(route, "original_router"):
            made += every(route.original_router.routes)
        else:
            made += every(getattr(route, "routes", None) or [])
    return made


def filled(path: str) -> str:
    names = {"station": "PICK-A", "act": "found", "name": "wedge.css"}
    return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], "x1"), path)


async def status(web: httpx.AsyncClient, route: str, headers: dict[str, str]) -> int:
    """Of the head of the answer: a stream would go on for ever."""
    method, path = route.split(" ")
    json: Any = {} if method == "POST" else None
    async with web.stream(method, filled(path), headers=headers, json=json) as answer:
        return answer.status_code


def test_every_route_has_a_role(app: FastAPI) -> None:
    assert set(routes(app)) == OPEN | ALL


async def test_a_stranger_sees_the_login_and_health_only(
    app: FastAPI, web: httpx.AsyncClient
) -> None:
    for route in sorted(ALL):
        expected = 303 if PAGES.match(route) else 401
        assert (route, await status(web, route, {})) == (route, expected)


async def test_a_forged_token_and_a_forged_cookie_are_strangers(web: httpx.AsyncClient) -> None:
    for headers in (
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic bG9jYWw6eA=="},
        {"cookie": "wedge=x.y"},
        {"cookie": "wedge=" + "A" * 5000},
    ):
        assert await status(web, "GET /api/orders", headers) == 401


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_passes_its_own_routes_and_no_others(
    app: FastAPI, desk: Bench, web: httpx.AsyncClient, role: Any
) -> None:
    """403 is the role's own answer; whatever else comes was let in."""
    await desk.site()
    headers = desk.bearer(role)
    allowed = BY_ROLE[role]
    for route in sorted(ALL - STREAMS):
        got = await status(web, route, headers)
        assert (route, got != 403) == (route, route in allowed)
        assert got < 500, route
