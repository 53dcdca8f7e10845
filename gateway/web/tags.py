"""`/tags`: every tag of the site as it is now, and the routes by which it is read and written."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway import tagging
from gateway.web.guard import Operator, Site, Viewer
from gateway.web.parts import Reading, Shown
from gateway.web.strict import no_unknown_query

router = APIRouter(tags=["tags"], dependencies=[Depends(no_unknown_query)])
Name = Annotated[str, Path(max_length=200)]
Like = Annotated[str, Query(max_length=200, description="a part of `device.tag`")]
Value = bool | int | float | str


class WriteBody(BaseModel):
    """In the unit of the tag; a text is read as the type asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    value: Value | list[Value] = Field(examples=[1.5])


class TagShape(BaseModel):
    device: str = Field(examples=["sorter1"])
    tag: str = Field(examples=["speed"])
    value: Any = Field(examples=[1.2])
    unit: str = Field(examples=["m/s"])
    quality: Literal["good", "stale", "bad"]
    reason: str = Field(description="why it is not good", examples=[""])
    at: datetime | None = Field(description="when the device said so, UTC")
    age_s: float | None = Field(examples=[0.04])
    raw: list[int] = Field(description="register words as they came", examples=[[120]])
    type: str = Field(examples=["uint16"])
    access: str = Field(examples=["r"])
    address: str = Field(examples=["ir:12"])
    range: tuple[float, float] | None
    poll: str = Field(examples=["fast"])


class WrittenShape(BaseModel):
    outcome: Literal["written", "differs", "refused", "unknown"]
    reason: str = Field(examples=[""])
    value: Any = Field(description="as it was read back; null where it cannot be", examples=[1.5])


@router.get("/api/tags", response_model=list[TagShape])
def all_tags(who: Viewer, site: Site, like: Like = "") -> Any:
    """Every tag of every device, with value, quality, age and raw words."""
    return tagging.rows(site, like=like)


@router.get("/api/tags/{device}", response_model=list[TagShape])
def tags(device: Name, who: Viewer, site: Site, like: Like = "") -> Any:
    try:
        return tagging.rows(site, device, like)
    except tagging.UnknownTag as err:
        raise HTTPException(404, str(err)) from err


@router.post(
    "/api/tags/{device}/{tag}",
    response_model=WrittenShape,
    responses={409: {"model": WrittenShape, "description": "Not done, or not as it was asked"}},
)
async def write(device: Name, tag: Name, body: WriteBody, who: Operator, site: Site) -> Response:
    """Writes one tag by hand and reads it back. The device must be in manual or automatic; range,
    access, permission and role are checked. Kept with the name of who asked, before and after."""
    try:
        done = await tagging.write(site, device, tag, body.value, who)
    except tagging.UnknownTag as err:
        raise HTTPException(404, str(err)) from err
    value = done.shown.value if done.shown else None
    answer = WrittenShape(outcome=done.outcome, reason=done.reason, value=value)
    status = 200 if done.outcome == "written" else 409
    return Response(answer.model_dump_json(), status, media_type="application/json")


@router.get("/tags", include_in_schema=False)
def page(
    who: Reading,
    site: Site,
    shown: Shown,
    device: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Its rows come from the API once a second; a filter keeps what is looked at small."""
    return HTMLResponse(
        shown.page("tags.html", who, devices=list(site.settings.map.devices), chosen=device)
    )
