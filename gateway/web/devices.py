"""`/devices`: what each device is, how far it is trusted, and what stands in its place; and the
routes by which an engineer changes that."""

import sqlite3
from collections.abc import Awaitable
from contextlib import closing
from time import monotonic
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from devices.map.schema import Sorter
from devices.mode import MODES, Mode
from gateway.bindings import bindings_of, places
from gateway.context import Gateway
from gateway.plant import NotDone, UnknownDevice
from gateway.views.devices import devices
from gateway.views.observed import observed
from gateway.web.acts import REFUSED, Settled, answered
from gateway.web.guard import Engineer, Site, Viewer
from gateway.web.pages import streamed
from gateway.web.parts import Reading, Shown
from gateway.web.pulse import Regions
from gateway.web.strict import no_unknown_query
from gateway.web.templating import Looks
from wcs.envelope import Answer

router = APIRouter(tags=["devices"], dependencies=[Depends(no_unknown_query)])
DevicePath = Annotated[str, Path(max_length=64)]
Text = Annotated[str, Field(max_length=200)]
ROWS: Final = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ModeBody(_Body):
    mode: Mode = Field(examples=["observe"])


class ReplaceBody(_Body):
    """What is empty stays as it is bound now."""

    host: Text = Field("", examples=["192.168.10.32"])
    port: Text | int = Field("", examples=[502])
    url: Text = Field("", examples=["opc.tcp://192.168.10.30:4840"])
    usb: Text = Field("", description="vendor:product, as the map says it", examples=["05f9:4204"])
    serial: Text = Field("", description="of a USB device or of a vehicle", examples=["G22B01234"])
    unit: Text | int = Field("", examples=[3])

    def binding(self) -> dict[str, str | int]:
        given = {name: value for name, value in self.model_dump().items() if value != ""}
        return {name: _number(name, value) for name, value in given.items()}


class SimulateBody(_Body):
    to: Literal["on", "off"]
    sure: Literal["yes", "no"] = "no"


def _number(name: str, value: str | int) -> str | int:
    numeric = name in ("port", "unit") and isinstance(value, str) and value.isdecimal()
    return int(value) if numeric else value


@router.post("/api/devices/{device}/mode", response_model=Settled, responses=REFUSED)
async def mode(device: DevicePath, body: ModeBody, who: Engineer, site: Site) -> Any:
    """off: no session. observe: it is read, never written. manual: a person's commands only.
    automatic: the rules command it."""
    return await _done(site.equipment.set_mode(device, body.mode, who.name))


@router.post("/api/devices/{device}/replace", response_model=Settled, responses=REFUSED)
async def replace(device: DevicePath, body: ReplaceBody, who: Engineer, site: Site) -> Any:
    """Binds another unit to the old place. It is tried first; 409 when it does not answer, and the
    old one goes on."""
    binding = body.binding()
    if not binding:
        raise HTTPException(422, "say what is new: host, port, url, usb, serial or unit")
    return await _done(site.equipment.replace(device, binding, who.name))


@router.post("/api/devices/{device}/undo", response_model=Settled, responses=REFUSED)
async def undo(device: DevicePath, who: Engineer, site: Site) -> Any:
    """Takes back the last replacement, tried as every other."""
    return await _done(site.equipment.undo(device, who.name))


@router.post("/api/devices/{device}/simulate", response_model=Settled, responses=REFUSED)
async def simulate(device: DevicePath, body: SimulateBody, who: Engineer, site: Site) -> Any:
    """Its simulator in its place, or the real one again. What moves goods must not be in automatic,
    or `sure` says yes."""
    on, yes = body.to == "on", body.sure == "yes"
    return await _done(site.equipment.simulate(device, on, who.name, yes=yes))


@router.get("/api/devices/{device}/observed")
def compared(device: DevicePath, who: Viewer, site: Site) -> dict[str, Any]:
    """The last 200 cartons of an observed sorter: our choice beside where the old system sent
    them."""
    _sorter(site, device)
    with closing(site.reader()) as conn:
        return observed(conn, device)


async def _done(act: Awaitable[Answer]) -> Response:
    try:
        return answered(await act)
    except UnknownDevice as err:
        raise HTTPException(404, str(err)) from err
    except NotDone as err:
        return answered(Answer("refused", str(err), 0))


def _sorter(site: Gateway, device: str) -> None:
    config = site.settings.map.devices.get(device)
    if config is None:
        raise HTTPException(404, f"there is no device {device!r}")
    if not isinstance(config, Sorter):
        raise HTTPException(404, f"{device} decides nothing that could be compared: no sorter")


class Devices:
    """A scene of `pulse.Board`: all devices, as they are now."""

    def __init__(self, gateway: Gateway, looks: Looks) -> None:
        self._gateway, self._looks = gateway, looks
        self._conn: sqlite3.Connection = gateway.reader()
        self._seen: object = None

    def changed(self) -> bool:
        version = self._conn.execute("PRAGMA data_version").fetchone()[0]
        seen = (version, int(monotonic()), self._gateway.connected())
        before, self._seen = self._seen, seen
        return seen != before

    def render(self) -> Regions:
        rows = rows_of(self._gateway, self._conn)
        return {"devices": self._looks.fragment("regions/device_list.html", devices=rows)}

    def close(self) -> None:
        self._conn.close()


def rows_of(gateway: Gateway, conn: sqlite3.Connection) -> list[dict[str, Any]]:
    settings = gateway.settings
    found = devices(conn, settings.map, gateway.connected(), gateway.live, settings.site.mode)
    return [{**row, "where": _where(gateway, row["id"])} for row in found]


def _where(gateway: Gateway, device: str) -> str:
    """The address that is used now."""
    one = gateway.equipment.wanted.get(device)  # type: ignore[call-overload]
    at = bindings_of(one.config, one.connection) if one else {}
    if "host" in at:
        at = {"at": f"{at.pop('host')}:{at.pop('port', '')}", **at}
    return ", ".join(str(v) if k in ("at", "url", "port") else f"{k} {v}" for k, v in at.items())


@router.get("/devices", include_in_schema=False)
def page(who: Reading, site: Site, shown: Shown) -> Response:
    with closing(site.reader()) as conn:
        rows = rows_of(site, conn)
    return HTMLResponse(shown.page("devices.html", who, devices=rows))


@router.get("/devices/stream", include_in_schema=False)
async def stream(who: Viewer, request: Request) -> Response:
    return await streamed(request.app.state.devices)


@router.get("/devices/{device}", include_in_schema=False)
def one(device: DevicePath, who: Reading, site: Site, shown: Shown) -> Response:
    config = site.settings.map.devices.get(device)
    if config is None:
        raise HTTPException(404, f"there is no device {device!r}; all are at /devices")
    line = site.settings.map.connections[config.connection]
    with closing(site.reader()) as conn:
        row = next(row for row in rows_of(site, conn) if row["id"] == device)
        seen = observed(conn, device) if isinstance(config, Sorter) else None
    of_line, own = places(config, line)
    now = site.equipment.wanted.get(device)  # type: ignore[call-overload]
    return HTMLResponse(
        shown.page(
            "device.html",
            who,
            device=row,
            line=line.type,
            modes=MODES,
            places=dict.fromkeys((*of_line, *own)),
            at=bindings_of(now.config, now.connection) if now else {},
            observed=seen,
        )
    )
