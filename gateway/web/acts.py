"""What people and hosts may do over HTTP: parse, ask, answer. Each act is an observation."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from gateway.context import Gateway
from gateway.views.work import is_it
from gateway.views.work import task as current
from gateway.web.guard import Operator, Site
from gateway.web.strict import no_unknown_query
from sync.inbound import BadOrder, BadSignature, heard_by_webhook, verify
from wcs import observations as seen
from wcs.envelope import Answer
from wcs.names import (
    Barcode,
    ChannelId,
    DeviceId,
    LaneId,
    LocationCode,
    Lpn,
    OrderKey,
    Sku,
    TaskId,
)

ORDER_PLACED = {
    "type": "order.placed",
    "order": {
        "number": "1001",
        "version": 1,
        "status": "open",
        "lines": [{"line": 1, "sku": "SKU-001", "qty": 2}],
        "service": "standard",
        "paid": True,
        "ship_to": {"name": "A. Person", "street": "1 Main Street", "city": "Town"},
        "placed_at": "2026-11-21T10:00:00Z",
        "updated": 17,
    },
}
WEBHOOK_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"type": "object"}, "example": ORDER_PLACED}},
}
router = APIRouter(tags=["acting"], dependencies=[Depends(no_unknown_query)])
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
LpnPath = Annotated[str, Path(max_length=64)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Settled(_Body):
    """`refused` comes with status 409 and the reason in words."""

    outcome: Literal["accepted", "refused", "quarantined"] = Field(examples=["accepted"])
    reason: str = Field("", examples=[""])


REFUSED: dict[int | str, dict[str, Any]] = {409: {"model": Settled, "description": "Refused"}}


class ScanBody(_Body):
    code: str = Field(min_length=1, max_length=512, examples=["L00004711"])


class PickBody(_Body):
    task: str = Field(max_length=64, examples=["12-3"])
    button: Literal["confirm", "short"]
    qty: int = Field(ge=0, le=1_000_000, examples=[3])


class SolveBody(_Body):
    remedy: Literal["reprint", "relabel", "accept_weight", "reinduct", "emptied"]


class CountBody(_Body):
    location: str = Field(max_length=64, examples=["A-06-2"])
    sku: str = Field(max_length=64, examples=["RARE-01"])
    qty: int = Field(ge=0, le=100_000_000, examples=[3])


class PutBackBody(_Body):
    lpn: str = Field(max_length=64, examples=["L00004711"])
    sku: str = Field(max_length=64, examples=["SKU-001"])
    location: str = Field(max_length=64, examples=["A-01-1"])
    qty: int = Field(ge=1, le=1_000_000, examples=[2])


class RebindBody(_Body):
    new: str = Field(max_length=64, examples=["L00004712"])


class LabelBody(_Body):
    there: Literal["yes", "no"]


class ShortBody(_Body):
    decision: Literal["ship_partial", "hold", "cancel_line"]


async def settle(
    gateway: Gateway, observation: seen.Observation, key: str | None, by: str, raw: str = ""
) -> Response:
    """Asks and gives the answer as HTTP; the same key by the same actor is the same act."""
    return answered(await gateway.ask(observation, key=named(by, key), raw=raw))


def named(by: str, key: str | None) -> str | None:
    """The source key of an act: the caller's own, under the caller's name."""
    return f"http:{by}:{key}" if key else None


def answered(answer: Answer) -> Response:
    body = Settled(outcome=answer.outcome, reason=answer.reason).model_dump_json()
    status = {"accepted": 200, "refused": 409, "quarantined": 500}[answer.outcome]
    return Response(body, status, media_type="application/json")


@router.post("/api/work/{station}/scan", response_model=Settled, responses=REFUSED)
async def scan(station: str, body: ScanBody, who: Operator, site: Site, key: Key = None) -> Any:
    """A plate, the location or the item. What a scanner on the wire reads is the same, but for a
    step that its location or item confirms."""
    at = site.now()
    task = await run_in_threadpool(_task, site, station)
    if task and is_it(task, body.code):
        made: seen.Observation = seen.PickReported(
            task=task["task"], button="confirm", qty=task["qty"], by=who.name, at=at
        )
    else:
        made = seen.Scanned(
            scanner=DeviceId(station), codes=(Barcode(body.code),), by=who.name, at=at
        )
    answer = await site.ask(made, key=named(who.name, key), raw=body.code)
    return answered(_expecting(answer, task))


def _expecting(answer: Answer, task: dict[str, Any] | None) -> Answer:
    """A wrong item is told what the right one is."""
    if answer.outcome != "refused" or task is None or task["state"] != "picking":
        return answer
    wanted = f"wanted: {task['location']} or {task['name']} ({task['sku']})"
    return replace(answer, reason=f"{answer.reason}; {wanted}")


def _task(site: Gateway, station: str) -> dict[str, Any] | None:
    with closing(site.reader()) as conn:
        return current(conn, station)


@router.post("/api/work/pick", response_model=Settled, responses=REFUSED)
async def pick(body: PickBody, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.PickReported(
        task=TaskId(body.task), button=body.button, qty=body.qty, by=who.name, at=site.now()
    )
    return await settle(site, made, key, who.name)


@router.post("/api/hospital/{lpn}", response_model=Settled, responses=REFUSED)
async def solve(lpn: LpnPath, body: SolveBody, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.HospitalSolved(lpn=Lpn(lpn), remedy=body.remedy, by=who.name, at=site.now())
    return await settle(site, made, key, who.name)


@router.post("/api/counts", response_model=Settled, responses=REFUSED)
async def count(body: CountBody, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.Counted(
        location=LocationCode(body.location),
        sku=Sku(body.sku),
        qty=body.qty,
        by=who.name,
        at=site.now(),
    )
    return await settle(site, made, key, who.name)


@router.post("/api/putbacks", response_model=Settled, responses=REFUSED)
async def put_back(body: PutBackBody, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.PutBack(
        lpn=Lpn(body.lpn),
        sku=Sku(body.sku),
        location=LocationCode(body.location),
        qty=body.qty,
        by=who.name,
        at=site.now(),
    )
    return await settle(site, made, key, who.name)


@router.post("/api/cartons/{lpn}/plate", response_model=Settled, responses=REFUSED)
async def rebind(lpn: LpnPath, body: RebindBody, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.Rebound(lpn=Lpn(lpn), new=Lpn(body.new), by=who.name, at=site.now())
    return await settle(site, made, key, who.name)


@router.post("/api/cartons/{lpn}/label", response_model=Settled, responses=REFUSED)
async def label(lpn: LpnPath, body: LabelBody, who: Operator, site: Site, key: Key = None) -> Any:
    """Whether a label that is held is there: `no` prints it again."""
    made = seen.LabelJudged(lpn=Lpn(lpn), there=body.there == "yes", by=who.name, at=site.now())
    return await settle(site, made, key, who.name)


@router.post("/api/cartons/{lpn}/{act}", response_model=Settled, responses=REFUSED)
async def carton_act(
    lpn: LpnPath,
    act: Literal["pulled", "found", "lost", "reprint"],
    who: Operator,
    site: Site,
    key: Key = None,
) -> Any:
    """Behind the routes that name what they do: this one takes whatever is left."""
    kinds: dict[str, Callable[..., seen.Observation]] = {
        "pulled": seen.CartonPulled,
        "found": seen.CartonFound,
        "lost": seen.CartonLost,
        "reprint": seen.ReprintAsked,
    }
    made = kinds[act](lpn=Lpn(lpn), by=who.name, at=site.now())
    return await settle(site, made, key, who.name)


@router.post("/api/orders/{order}/short", response_model=Settled, responses=REFUSED)
async def short(order: str, body: ShortBody, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.ShortAnswered(
        order=OrderKey(order), decision=body.decision, by=who.name, at=site.now()
    )
    return await settle(site, made, key, who.name)


@router.post("/api/lanes/{lane}/close", response_model=Settled, responses=REFUSED)
async def close_load(lane: str, who: Operator, site: Site, key: Key = None) -> Any:
    made = seen.LoadCloseAsked(lane=LaneId(lane), by=who.name, at=site.now())
    return await settle(site, made, key, who.name)


@router.post(
    "/webhooks/{channel}", response_model=Settled, openapi_extra={"requestBody": WEBHOOK_BODY}
)
async def webhook(channel: str, request: Request, site: Site) -> Any:
    """Signed by the channel (Standard Webhooks); answered only after our commit."""
    config = next((known for known in site.settings.channels if known.id == channel), None)
    if config is None:
        raise HTTPException(404, f"there is no channel {channel!r}")
    body, at = await request.body(), site.now()
    try:
        verify([site.secrets[config.secret]], request.headers, body, at)
        heard = heard_by_webhook(ChannelId(channel), body, at)
    except BadSignature as err:
        raise HTTPException(401, str(err)) from err
    except BadOrder as err:
        raise HTTPException(422, str(err)) from err
    raw = body.decode("utf-8", "replace") if not heard.private else f"webhook {heard.key}"
    answer = await site.ask(heard.observation, key=heard.key, raw=raw, private=heard.private)
    return _told(answer)


def _told(answer: Answer) -> Response:
    """A refusal is an answer too: the shop must not send it again."""
    body = Settled(outcome=answer.outcome, reason=answer.reason).model_dump_json()
    status = 500 if answer.outcome == "quarantined" else 200
    return Response(body, status, media_type="application/json")
