"""`/reload`: what the files say that does not run yet, and the button that takes it."""

from typing import Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.reload import BadFiles, Difference, NotTaken, in_words, refused
from gateway.web.acts import REFUSED, Settled, answered
from gateway.web.guard import Engineer, Site
from gateway.web.parts import Engineering, Shown
from gateway.web.strict import no_unknown_query
from wcs.envelope import Answer

router = APIRouter(tags=["devices"], dependencies=[Depends(no_unknown_query)])


class DifferenceShape(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)

    map: tuple[str, ...] = Field(examples=[["connections.tcp_scale.host: 10.0.0.4 -> 10.0.0.9"]])
    rules: tuple[str, ...] = Field(examples=[["sorter.max_loops: 3 -> 4"]])
    restart: tuple[str, ...] = Field(description="what only a restart can take")
    devices: tuple[str, ...] = Field(description="those that are swapped", examples=[["scale1"]])


@router.get("/api/reload", response_model=DifferenceShape, responses=REFUSED)
async def look(who: Engineer, site: Site) -> Any:
    """What a reload would change; nothing is changed. 409 with every error of the files."""
    try:
        return await site.reload.look()
    except (BadFiles, OSError) as err:
        return answered(refused(err))


@router.post("/api/reload", response_model=Settled, responses=REFUSED)
async def take(who: Engineer, site: Site) -> Any:
    """Takes the files as they are now: only devices that changed are swapped. 409 with every error
    of the files; what runs goes on then."""
    try:
        found, done = await site.reload(who.name)
    except (BadFiles, NotTaken, OSError) as err:
        return answered(refused(err))
    return answered(Answer("accepted", in_words(found, done), 0))


@router.get("/reload", include_in_schema=False)
async def page(who: Engineering, site: Site, shown: Shown) -> Response:
    found: Difference | None = None
    errors: list[str] = []
    try:
        found = await site.reload.look()
    except BadFiles as err:
        errors = [str(one) for one in err.findings]
    except OSError as err:
        errors = [str(err)]
    return HTMLResponse(shown.page("reload.html", who, found=found, errors=errors))
