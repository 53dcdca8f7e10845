"""The pages that only show: a template and the stream that keeps it true."""

from collections.abc import AsyncIterator
from contextlib import closing
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from gateway.views import life as life_view
from gateway.views.ground import ground_of, picture
from gateway.web.guard import Site
from gateway.web.guard import Viewer as MayView
from gateway.web.parts import Reading, Shown
from gateway.web.pulse import Board, Full

router = APIRouter(include_in_schema=False)
Version = Annotated[str, Query(max_length=40)]
KEPT: Final = {"cache-control": "private, max-age=31536000, immutable"}
STREAM: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.get("/")
def overview(who: Reading, shown: Shown) -> Response:
    return HTMLResponse(shown.page("overview.html", who))


@router.get("/overview/stream")
async def overview_stream(who: MayView, request: Request) -> Response:
    return await streamed(request.app.state.overview)


@router.get("/overview/ground.svg")
def ground(who: MayView, site: Site, v: Version = "") -> Response:
    """`v` is the layout's version, so that another layout is another picture."""
    drawn = picture(ground_of(site.settings.site.layout))
    return Response(drawn, media_type="image/svg+xml", headers=KEPT)


@router.get("/life")
def life(
    who: Reading,
    shown: Shown,
    site: Site,
    of: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    asked = of.strip()
    with closing(site.reader()) as conn:
        subject = life_view.found(conn, site.settings.site, asked) if asked else None
        told = life_view.life(conn, subject) if subject else None
    status = 404 if asked and told is None else 200
    return HTMLResponse(shown.page("life.html", who, of=asked, life=told), status)


async def streamed(board: Board) -> Response:
    """One page's events until its viewer leaves. 503 when too many pages are open."""
    frames = _frames(board)
    try:
        first = await anext(frames)
    except Full as err:
        raise HTTPException(503, str(err), {"retry-after": "5"}) from err
    return StreamingResponse(_with(first, frames), media_type="text/event-stream", headers=STREAM)


async def _frames(board: Board) -> AsyncIterator[bytes]:
    with board.watch() as viewer:
        async for made in viewer:
            yield made


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for made in rest:
        yield made
