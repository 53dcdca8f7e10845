"""Alarms of devices acknowledged and their methods called: parse, ask, answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import doing
from gateway.tagging import UnknownTag
from gateway.web.guard import Engineer, Operator, Site, Viewer
from gateway.web.strict import no_unknown_query

router = APIRouter(tags=["tags"], dependencies=[Depends(no_unknown_query)])
Name = Annotated[str, Path(max_length=200)]
Value = bool | int | float | str


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CommentBody(_Body):
    comment: str = Field("", max_length=200, examples=["paper jam cleared"])


class CallBody(_Body):
    """By the names of the map; a text is read as the type of the argument asks for."""

    values: dict[str, Value] = Field({}, examples=[{"level": 3}])


class ConditionShape(BaseModel):
    device: str = Field(examples=["merge1"])
    tag: str = Field(examples=["jam"])
    state: str = Field(examples=["active, not acknowledged"])
    text: str = Field(description="the device's own words", examples=["jam (severity 700)"])
    at: datetime


class DoneShape(BaseModel):
    outcome: Literal["acknowledged", "done", "refused", "unknown"]
    reason: str = Field(examples=[""])
    gave: dict[str, Any] = Field(description="what a method gave", examples=[{"ok": True}])


NOT_DONE: dict[int | str, dict[str, Any]] = {409: {"model": DoneShape, "description": "Not done"}}


@router.get("/api/conditions", response_model=list[ConditionShape])
def conditions(who: Viewer, site: Site) -> Any:
    """Alarms that devices have told of."""
    return doing.conditions(site)


@router.post("/api/conditions/{device}/{tag}", response_model=DoneShape, responses=NOT_DONE)
async def acknowledge(
    device: Name, tag: Name, body: CommentBody, who: Operator, site: Site
) -> Response:
    """Tells the device that a person has seen its alarm. Kept with their name."""
    try:
        return _answered(await doing.acknowledge(site, device, tag, body.comment, who))
    except UnknownTag as err:
        raise HTTPException(404, str(err)) from err


@router.post("/api/methods/{device}/{method}", response_model=DoneShape, responses=NOT_DONE)
async def call(device: Name, method: Name, body: CallBody, who: Engineer, site: Site) -> Response:
    """Calls one method of the map, once. Kept with the name of who asked, before and after."""
    try:
        return _answered(await doing.call(site, device, method, body.values, who))
    except UnknownTag as err:
        raise HTTPException(404, str(err)) from err


def _answered(done: doing.Done) -> Response:
    said = DoneShape(outcome=done.outcome, reason=done.reason, gave=dict(done.gave))
    status = 409 if done.outcome in ("refused", "unknown") else 200
    return Response(said.model_dump_json(), status, media_type="application/json")
