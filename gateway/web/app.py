"""The web side put together: routes, what every request passes, and how failures are said."""

from typing import Any

from fastapi import FastAPI, Request

from gateway.context import Gateway
from gateway.release import RELEASE
from gateway.web import acts, health, reads
from gateway.web.guard import Limits, Viewer
from gateway.web.strict import answer_in_words

ABOUT = """Every act answers after its commit: 200 `accepted`, or 409 `refused` with a reason.
An `Idempotency-Key` makes a repeat harmless. Failures are `{"detail": "..."}`."""


def make_app(gateway: Gateway) -> FastAPI:
    """Pages and API of one gateway. It starts no task of its own before somebody watches."""
    app = FastAPI(
        title="Wedge",
        version=RELEASE,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.gateway = gateway
    app.add_api_route("/api/openapi.json", _openapi, include_in_schema=False)
    for router in (health.router, reads.router, acts.router):
        app.include_router(router)
    answer_in_words(app)
    app.add_middleware(Limits)
    return app


def _openapi(request: Request, who: Viewer) -> dict[str, Any]:
    found: dict[str, Any] = request.app.openapi()
    return found
