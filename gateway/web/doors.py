"""A person asks for a door: parse, ask, answer."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field

from devices.map.explain import hint
from devices.map.schema import Door
from gateway.web.acts import REFUSED, Key, Settled, settle
from gateway.web.guard import Operator, Site
from gateway.web.strict import no_unknown_query
from wcs.names import DeviceId
from wcs.observations import DoorAsked

router = APIRouter(tags=["devices"], dependencies=[Depends(no_unknown_query)])
MOVES = ("move", "open")


class DoorBody(BaseModel):
    """`free`: nobody's wish any more."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    to: Literal["open", "closed", "free"] = Field(examples=["open"])


@router.post("/api/doors/{device}", response_model=Settled, responses=REFUSED)
async def door(
    device: Annotated[str, Path(max_length=64)],
    body: DoorBody,
    who: Operator,
    site: Site,
    key: Key = None,
) -> Any:
    """Open it, close it, or let go of it. What is wanted is ordered again until somebody wants
    something else; 409 while a trip is on its way through it, or when rules may not order it."""
    config = _door(site, device)
    if not any(name in config.handshakes for name in MOVES):
        raise HTTPException(422, f"{device} is moved by hand: it is only watched")
    to = None if body.to == "free" else body.to
    asked = DoorAsked(device=DeviceId(device), to=to, by=who.name, at=site.now())
    return await settle(site, asked, key, who.name)


def _door(site: Site, device: str) -> Door:
    devices = site.settings.map.devices
    config = devices.get(device)
    if config is None:
        doors = [name for name, one in devices.items() if isinstance(one, Door)]
        raise HTTPException(404, f"there is no device {device!r}{hint(device, doors)}")
    if not isinstance(config, Door):
        raise HTTPException(404, f"{device} is no door but of the kind {config.kind}")
    return config
