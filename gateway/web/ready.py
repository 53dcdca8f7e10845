"""`/ready`: the look at everything before a shift, kept with name and time."""

from contextlib import closing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from devices.map.schema import LightZone
from gateway.context import Gateway
from gateway.lampwalk import COLOURS, How, NotNow
from gateway.web.acts import REFUSED, Settled, answered
from gateway.web.guard import Operator, Site, Viewer
from gateway.web.parts import Shown, Working
from gateway.web.strict import no_unknown_query
from sync import reading
from wcs.envelope import Answer
from wcs.equipment import Shift
from wcs.observations import ReadyChecked
from wcs.readylines import ReadyLine

router = APIRouter(tags=["before a shift"], dependencies=[Depends(no_unknown_query)])
DevicePath = Annotated[str, Path(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WalkBody(_Body):
    colour: Literal["green", "blue", "red", "white", "yellow"] = "green"
    how: How = Field("walk", description="one by one, all at once, or until each key was pressed")


class SeenBody(_Body):
    seen: Literal["good", "bad"]
    text: str = Field("", max_length=200, examples=["A-03 is dark"])


class LineShape(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)

    check: str = Field(examples=["connected"])
    device: str | None = Field(examples=["sorter1"])
    state: str = Field(description="good, bad, or skipped: it needs a person", examples=["good"])
    found: str = Field(examples=["connected"])
    remedy: str = Field(examples=[""])


class ReadyShape(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)

    ready: bool = Field(description="nothing is bad")
    by: str = Field(examples=["anna"])
    at: str = Field(examples=["2026-11-22T05:55:00+00:00"])
    lines: list[LineShape]


@router.get("/api/ready", response_model=ReadyShape | None)
def last(who: Viewer, site: Site) -> Any:
    """The last look; null before the first."""
    return _shape(shift) if (shift := _last(site)) else None


@router.post("/api/ready", response_model=ReadyShape)
async def look(who: Operator, site: Site) -> Any:
    """Looks at everything, and keeps it. What needs a person and was not done is skipped."""
    lines = await run_in_threadpool(site.readiness.lines)
    shift = Shift(lines=lines, by=who.name, at=site.now())
    await site.ask(ReadyChecked(lines=lines, by=who.name, at=shift.at))
    return _shape(shift)


@router.post("/api/ready/lamps/{device}/walk", response_model=Settled, responses=REFUSED)
async def walk(device: DevicePath, body: WalkBody, who: Operator, site: Site) -> Any:
    """Lights the lamps of the zone; answers when it is through. 409 when it cannot."""
    try:
        found = await site.readiness.lamps.walk(device, body.colour, body.how)
    except NotNow as err:
        return answered(Answer("refused", str(err), 0))
    told = f"{len(found.answered)} lamps said that they were {found.colour}"
    told += f"; no answer from {', '.join(found.silent)}" if found.silent else ""
    told += f"; not pressed: {', '.join(found.unpressed)}" if found.unpressed else ""
    told += f"; in use, left alone: {', '.join(found.in_use)}" if found.in_use else ""
    return answered(Answer("accepted", told, 0))


@router.post("/api/ready/lamps/{device}/seen", response_model=Settled, responses=REFUSED)
async def seen(device: DevicePath, body: SeenBody, who: Operator, site: Site) -> Any:
    """What a person saw of the walk."""
    try:
        site.readiness.lamps.say(device, body.seen == "good", body.text, who.name)
    except NotNow as err:
        return answered(Answer("refused", str(err), 0))
    return answered(Answer("accepted", f"{device}: noted", 0))


@router.get("/ready", include_in_schema=False)
def page(who: Working, site: Site, shown: Shown) -> Response:
    kinds = site.settings.map.devices.items()
    values = {
        "lines": _worst_first(site.readiness.lines()),
        "last": _last(site),
        "zones": [name for name, config in kinds if isinstance(config, LightZone)],
        "colours": COLOURS,
    }
    return HTMLResponse(shown.page("ready.html", who, **values))


def _last(site: Gateway) -> Shift | None:
    with closing(site.reader()) as conn:
        return reading.get(conn, Shift, "last")


def _shape(shift: Shift) -> ReadyShape:
    return ReadyShape(
        ready=not any(line.state == "bad" for line in shift.lines),
        by=shift.by,
        at=shift.at.isoformat(),
        lines=[LineShape.model_validate(line) for line in shift.lines],
    )


def _worst_first(lines: tuple[ReadyLine, ...]) -> list[ReadyLine]:
    order = ("bad", "skipped", "good")
    return sorted(lines, key=lambda line: order.index(line.state))
