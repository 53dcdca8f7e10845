"""Handshakes as the map declares them; `devices.handshake` runs them."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Strict, Tag

from devices.map.base import Config, Names
from devices.map.units import Seconds


class OnLost(Config):
    state: str = "offline"
    policy: str = ""


class Heartbeat(Config):
    """`watch` is raised by the device, `drive` by us; both wrap."""

    style: Literal["heartbeat"] = "heartbeat"
    watch: str
    drive: str
    every_s: Seconds
    """How often we raise ours."""
    lost_after_s: Seconds
    """Without a new beat of the device it counts as gone."""
    on_lost: OnLost | None = None


class EventShake(Config):
    style: Literal["event"]
    seq: str
    data: Names
    ack: str


class CommandShake(Config):
    style: Literal["command"]
    data: Names
    seq: str
    ack: str
    result: str
    ok: Names
    timeout_s: Seconds
    """Until the acknowledge."""
    retry: Annotated[int, Field(ge=0, le=1)] = 0
    """1: read the ack back, then the same sequence number once."""
    resync: Literal["read-on-connect"] = "read-on-connect"
    seq_range: Annotated[tuple[int, int], Strict(False)] = (1, 65535)


class TargetShake(Config):
    """`target` is written whenever the device does not hold it, until `actual` shows the same."""

    style: Literal["target"]
    target: str
    actual: str
    busy: str | None = None
    timeout_s: Seconds
    """Until `actual` shows it and `busy` is over."""


class PulseShake(Config):
    """`signal` is on for a moment, once per act and never twice."""

    style: Literal["pulse"]
    signal: str
    width_s: Seconds = 0.3


class ToggleShake(Config):
    """Every change of `signal` is one act; the device copies it into `echo` when it has acted."""

    style: Literal["toggle"]
    signal: str
    echo: str
    timeout_s: Seconds = 2.0
    """Until the echo."""


def _shake_style(value: Any) -> str:
    style = value.get("style") if isinstance(value, dict) else getattr(value, "style", None)
    return f"<{style or 'heartbeat'}>"


Handshake = Annotated[
    Annotated[Heartbeat, Tag("<heartbeat>")]
    | Annotated[EventShake, Tag("<event>")]
    | Annotated[CommandShake, Tag("<command>")]
    | Annotated[TargetShake, Tag("<target>")]
    | Annotated[PulseShake, Tag("<pulse>")]
    | Annotated[ToggleShake, Tag("<toggle>")],
    Discriminator(_shake_style),
]
