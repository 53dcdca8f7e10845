"""`/play`, only where the site is simulated: the visitor orders, presses, scans, cancels and breaks
things, through the same equipment and hosts as everybody of the simulated world."""

from collections import deque
from collections.abc import Mapping
from contextlib import closing
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from devices.map.schema import DeviceMap, Scanner, Serial
from gateway.settings import Simulated
from gateway.web.director import Director, NoDirector
from gateway.web.guard import Operator, Site
from gateway.web.pages import streamed
from gateway.web.parts import Shown, Working
from gateway.web.playing import WORDS
from gateway.web.strict import no_unknown_query
from sync import reading
from wcs.model import Item

router = APIRouter(include_in_schema=False, dependencies=[Depends(no_unknown_query)])
ITEMS: Final = 200
YOURS: Final = 6
What = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OrderBody(_Body):
    sku: str = Field(min_length=1, max_length=64)
    qty: int = Field(ge=1, le=100)
    sku2: str = Field("", max_length=64)
    qty2: int = Field(1, ge=1, le=100)
    service: str = Field("standard", max_length=64)


class PressBody(_Body):
    light: str = Field(max_length=64)
    button: Literal["confirm", "short"]
    qty: int = Field(0, ge=0, le=10_000)


class ScanBody(_Body):
    scanner: str = Field(max_length=64)
    code: str = Field(min_length=1, max_length=128)


class BreakBody(_Body):
    mode: str = Field(max_length=32)


def simulated_of(site: Site) -> Simulated:
    simulated = site.settings.simulated
    if simulated is None:
        raise HTTPException(404, "this site is real: nothing here may be played with")
    if not simulated.control:
        raise HTTPException(
            404, "these simulators run alone: `wedge demo` has what plays with them"
        )
    return simulated


Simulation = Annotated[Simulated, Depends(simulated_of)]


def new_placed() -> deque[str]:
    """Numbers of the orders that visitors placed, newest first."""
    return deque(maxlen=YOURS)


@router.get("/play")
def page(who: Working, simulation: Simulation, site: Site, shown: Shown) -> Response:
    with closing(site.reader()) as conn:
        items = list(reading.find(conn, Item, limit=ITEMS))
    scanners = _hand_scanners(site.settings.map)
    services = list(site.settings.channels[0].services)
    return HTMLResponse(
        shown.page("play.html", who, items=items, scanners=scanners, services=services)
    )


def _hand_scanners(map_: DeviceMap) -> list[str]:
    """Those on a serial line: what a person holds."""
    return [
        str(name)
        for name, device in map_.devices.items()
        if isinstance(device, Scanner) and isinstance(map_.connections[device.connection], Serial)
    ]


@router.get("/play/stream")
async def stream(who: Operator, simulation: Simulation, request: Request) -> Response:
    return await streamed(request.app.state.play)


@router.post("/play/order")
async def order(
    body: OrderBody, who: Operator, simulation: Simulation, request: Request
) -> Response:
    lines = [{"line": 1, "sku": body.sku, "qty": body.qty}]
    if body.sku2:
        lines.append({"line": 2, "sku": body.sku2, "qty": body.qty2})
    asked = {"lines": lines, "service": body.service}
    answer, said = await _play(simulation, "/play/order", asked, "order {number} is placed")
    if said:
        request.app.state.placed.appendleft(str(said["number"]))
    return answer


@router.post("/play/cancel/{number}")
async def cancel(number: What, who: Operator, simulation: Simulation) -> Response:
    told = f"the customer cancelled {number}; now watch the floor"
    return (await _play(simulation, f"/play/cancel/{number}", {}, told))[0]


@router.post("/play/press")
async def press(body: PressBody, who: Operator, simulation: Simulation) -> Response:
    told = f"{body.light} pressed"
    return (await _play(simulation, "/play/press", body.model_dump(), told))[0]


@router.post("/play/scan")
async def scan(body: ScanBody, who: Operator, simulation: Simulation) -> Response:
    told = f"{body.scanner} read {body.code}"
    return (await _play(simulation, "/play/scan", body.model_dump(), told))[0]


@router.post("/play/break/{what}")
async def break_it(what: What, body: BreakBody, who: Operator, simulation: Simulation) -> Response:
    told = f"{what}: {WORDS.get(body.mode, body.mode)}, done. Below: what still runs"
    return (await _play(simulation, f"/break/{what}", body.model_dump(), told))[0]


async def _play(
    simulation: Simulated, path: str, body: Mapping[str, Any], told: str
) -> tuple[Response, dict[str, Any] | None]:
    """The director's answer in the shape of an act, and what it said."""
    try:
        said = await Director(simulation).post(path, body)
    except NoDirector as err:
        return JSONResponse({"outcome": "refused", "reason": str(err)}, 409), None
    known = {name: value for name, value in said.items() if isinstance(value, str | int)}
    words = told.format(**known) if "{" in told else told
    return JSONResponse({"outcome": "accepted", "reason": words}), said
