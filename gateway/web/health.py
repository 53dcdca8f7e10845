"""For whoever starts, watches and balances: is it alive, can it work, what do its numbers say."""

import sqlite3
from contextlib import closing
from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway.context import Gateway
from gateway.metrics import CONTENT_TYPE, exposition
from gateway.views.devices import degraded, devices
from gateway.web.guard import Site, Viewer
from gateway.web.strict import no_unknown_query
from sync import reading
from wcs import site as wcs

router = APIRouter(tags=["health"], dependencies=[Depends(no_unknown_query)])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/health/ready", responses={503: {"description": "why nothing can be decided"}})
async def ready(site: Site) -> Response:
    """The store works and the site is loaded; a device that is away is listed, not a failure."""
    why, away = await run_in_threadpool(_readiness, site)
    body: dict[str, Any] = {
        "status": "not ready" if why else "degraded" if away else "ready",
        "why": why,
        "degraded": away,
    }
    return JSONResponse(body, 503 if why else 200)


@router.get("/metrics", response_class=Response)
def metrics(who: Viewer, site: Site) -> Response:
    """Prometheus text format."""
    with closing(site.reader()) as conn:
        return Response(exposition(site, conn), media_type=CONTENT_TYPE)


def _readiness(site: Gateway) -> tuple[str, list[dict[str, str]]]:
    if trouble := site.trouble():
        return trouble, []
    try:
        with closing(site.reader()) as conn:
            known = reading.get(conn, wcs.Site, "site")
            rows = devices(
                conn, site.settings.map, site.connected(), site.live, site.settings.site.mode
            )
    except sqlite3.Error as err:
        return f"the database cannot be read: {err}", []
    told = [{"id": subject, "why": why} for subject, why in site.alarms().items()]
    return "" if known else "the site is not loaded yet", degraded(rows) + told
