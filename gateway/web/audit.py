"""`/audit`: who did what, when, and from what to what; the newest first."""

from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Connection
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from gateway.auditing import Act, acts, people
from gateway.context import Gateway
from gateway.web.guard import Site, Viewer
from gateway.web.parts import Reading, Shown
from gateway.web.strict import no_unknown_query

router = APIRouter(tags=["reading"], dependencies=[Depends(no_unknown_query)])
Name = Annotated[str, Query(max_length=200)]
Before = Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before; 0: newest")]
ROWS = 50


class ActShape(BaseModel):
    seq: int | None = Field(description="number in the journal; null: kept beside it", examples=[7])
    at: str = Field(examples=["2026-11-21T10:00:00+00:00"])
    by: str = Field(examples=["anna"])
    act: str = Field(examples=["DeviceModeSet"])
    what: str = Field(examples=["device sorter1, mode observe"])
    old: str = Field(examples=["automatic"])
    new: str = Field(examples=["observe"])
    outcome: str = Field(examples=["accepted"])
    reason: str = Field(examples=[""])


class ActPage(BaseModel):
    acts: list[ActShape]
    next: int | None = Field(description="`before` of the page behind; null: there is none")


@router.get("/api/audit", response_model=ActPage)
def audit(
    who: Viewer,
    site: Site,
    device: Name = "",
    by: Name = "",
    before: Before = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="rows of a page")] = 100,
) -> Any:
    """What people did, newest first."""
    with closing(site.reader()) as conn:
        found = _found(site, conn, device, by, before, limit)
    return {"acts": found, "next": behind(found, limit)}


@router.get("/audit", include_in_schema=False)
def page(
    who: Reading,
    site: Site,
    shown: Shown,
    device: Name = "",
    by: Name = "",
    before: Before = 0,
) -> Response:
    with closing(site.reader()) as conn:
        found = _found(site, conn, device, by, before, ROWS)
        known = people(conn)
    return HTMLResponse(
        shown.page(
            "audit.html",
            who,
            acts=found,
            devices=list(site.settings.map.devices),
            people=known,
            device=device,
            by=by,
            before=before,
            behind=behind(found, ROWS),
        )
    )


def _found(
    site: Gateway, conn: Connection, device: str, by: str, before: int, limit: int
) -> list[Act]:
    return acts(
        conn,
        device=device or None,
        by=by or None,
        before=before or None,
        limit=limit,
        data=site.data,
    )


def behind(found: list[Act], limit: int) -> int | None:
    numbers = list(_numbers(found))
    return min(numbers) if len(numbers) == limit else None


def _numbers(found: list[Act]) -> Iterator[int]:
    return (act["seq"] for act in found if act["seq"] is not None)
