"""The site's layout, and pick paths on it for whoever asks: computed in a process of their own, so
that no question makes the floor wait."""

import json
from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.routing.answers import refusal
from gateway.routing.process import NoAnswer
from gateway.routing.questions import BadQuestion, PathQuestion, asked
from gateway.web.guard import Site, Viewer
from gateway.web.strict import no_unknown_query
from routing.writing import to_json
from wcs.walking import layout_of

router = APIRouter(tags=["routing"], dependencies=[Depends(no_unknown_query)])
USUAL_MS: Final = 2_000.0
MOST_MS: Final = 10_000.0
EXAMPLE: Final = {"start": "STACK", "end": "HANDOVER", "picks": ["A-01-1", "A-05-2"]}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class PathAnswer(_Shape):
    """The same as `wedge route` answers."""

    walk: list[str] = Field(description="every node passed, start and end included")
    visit_order: list[str] = Field(description="the picks as they are served on the walk")
    length_m: float = Field(description="what was minimised, factors and all", examples=[14.0])
    walked_m: float = Field(examples=[14.0])
    seconds: float = Field(examples=[31.7])
    optimal: bool
    lower_bound_m: float = Field(description="no walk is shorter", examples=[14.0])
    method: str = Field(examples=["sweep"])
    layout_version: str = Field(examples=["8d0f3c1b2a47"])


class PathRefusal(_Shape):
    error: str = Field(examples=["unreachable"])
    nodes: list[str] = Field(description="every culprit", examples=[["B3"]])
    reason: str = Field(examples=["closed: B3"])
    detail: str = Field(description="the reason once more, where every failure has it")


class LayoutShape(_Shape):
    name: str = Field(examples=["demo"])
    version: str = Field(description="12 hex digits of the content", examples=["8d0f3c1b2a47"])
    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    locations: list[dict[str, Any]]


@router.get("/api/layout", response_model=LayoutShape)
def layout(who: Viewer, site: Site) -> Response:
    """The floor as a graph: parametric blocks written out, lengths in metres."""
    return Response(_layout(site.settings.site.layout), media_type="application/json")


@lru_cache(maxsize=1)
def _layout(text: str) -> bytes:
    layout = layout_of(text)
    shape = {**to_json(layout), "version": layout.version}
    return json.dumps(shape, ensure_ascii=False).encode()


@router.post(
    "/api/pick-paths",
    response_model=PathAnswer,
    responses={422: {"model": PathRefusal, "description": "There is no such path"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": PathQuestion.model_json_schema(),
                    "example": EXAMPLE,
                }
            },
        }
    },
)
async def pick_paths(request: Request, who: Viewer, site: Site) -> Response:
    """The shortest walk through picks: question and answer as `wedge route` has them. A search
    ends after 2 s, or after `deadline_ms` of at most 10 s."""
    try:
        question = asked(PathQuestion, await request.body())
    except BadQuestion as err:
        return _answered(refusal("bad_request", (), str(err)))
    ms = min(USUAL_MS if question.deadline_ms is None else question.deadline_ms, MOST_MS)
    bounded = question.model_copy(update={"deadline_ms": ms})
    try:
        return _answered(await site.path(bounded.model_dump_json(exclude_defaults=True)))
    except NoAnswer as err:
        raise HTTPException(503, f"no path: {err}", {"retry-after": "1"}) from err


def _answered(answer: dict[str, Any]) -> Response:
    if "error" not in answer:
        return JSONResponse(answer)
    return JSONResponse({**answer, "detail": answer["reason"]}, 422)
