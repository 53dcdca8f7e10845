"""The web side put together: routes, what every request passes, and how failures are said."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fastapi import FastAPI, Request

from gateway.context import Gateway
from gateway.release import RELEASE
from gateway.web import (
    acts,
    assets,
    audit,
    books,
    devices,
    doing,
    doors,
    enter,
    health,
    pages,
    paths,
    play,
    reads,
    ready,
    reload,
    station,
    tags,
)
from gateway.web.guard import Limits, Viewer
from gateway.web.marks import Marked
from gateway.web.overview import Overview
from gateway.web.playing import Playing
from gateway.web.pulse import Board, Scene
from gateway.web.strict import answer_in_words
from gateway.web.templating import Looks

ABOUT = """Every act answers after its commit: 200 `accepted`, or 409 `refused` with a reason.
An `Idempotency-Key` makes a repeat harmless. Failures are `{"detail": "..."}`."""
ROUTERS = (
    health.router,
    reads.router,
    acts.router,
    paths.router,
    assets.router,
    enter.router,
    pages.router,
    books.router,
    station.router,
    devices.router,
    reload.router,
    ready.router,
    tags.router,
    doing.router,
    doors.router,
    audit.router,
    play.router,
)


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "nobody said who they are"},
    403: {"description": "the role is too small"},
    404: {"description": "there is no such thing"},
    413: {"description": "the body is larger than 1 MB"},
    503: {"description": "busy, or nothing can be written; see Retry-After"},
}


def make_app(gateway: Gateway) -> FastAPI:
    """Pages and API of one gateway. It starts no task of its own before somebody watches."""
    app = FastAPI(
        title="Wedge",
        version=RELEASE,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=REFUSALS,
    )
    looks = Looks(gateway)
    board = partial(_board, gateway, looks)
    app.state.gateway, app.state.looks = gateway, looks
    app.state.stations = station.Boards(gateway, looks)
    app.state.placed = placed = play.new_placed()
    if simulated := gateway.settings.simulated:
        app.state.play = board(lambda: Playing(gateway, looks, simulated, placed))
    app.state.overview = board(lambda: Overview(gateway, looks))
    app.state.devices = board(lambda: devices.Devices(gateway, looks))
    app.add_api_route("/api/openapi.json", _openapi, include_in_schema=False)
    for router in ROUTERS:
        app.include_router(router)
    answer_in_words(app)
    app.add_middleware(Limits)
    return app


def _board(gateway: Gateway, looks: Looks, scene: Callable[[], Scene]) -> Board:
    return Board(lambda: Marked(scene, gateway, looks), looks.clock)


def _openapi(request: Request, who: Viewer) -> dict[str, Any]:
    found: dict[str, Any] = request.app.openapi()
    return found
