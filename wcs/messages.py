"""The narrow waist: observations in, commands and wanted states out, events for ever; and their
JSON."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, get_args

from pydantic import TypeAdapter

from wcs import equipment, lampstates, model
from wcs.commands import Command, WantedState
from wcs.events import Event
from wcs.observations import FloorObservation, HostObservation, Observation
from wcs.site import Site

Message = Observation | Command | WantedState | Event

ENTITIES: Final[tuple[type, ...]] = (
    Site,
    model.Item,
    model.Balance,
    model.StockTotal,
    model.Order,
    model.Waiting,
    model.Batch,
    model.HeldFor,
    model.Pick,
    model.Carton,
    model.Label,
    model.PackStation,
    model.Track,
    model.Trip,
    model.Lane,
    model.Load,
    model.Device,
    equipment.Setup,
    equipment.Compared,
    equipment.Comparison,
    equipment.PrinterMemory,
    equipment.Door,
    equipment.Shift,
    lampstates.LampTrouble,
    lampstates.LampQueued,
    model.Errand,
    *get_args(WantedState),
)
KINDS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (*get_args(Observation), *get_args(Command), *get_args(Event), *ENTITIES)
}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _to_json(kind: Any) -> Callable[[object], bytes]:
    """Past the adapter's own front, which costs as much as the work behind it."""
    return _adapter(kind).serializer.to_json


def dumps(thing: object) -> str:
    """A record as compact JSON, times as ISO 8601 UTC. Equal records give equal text."""
    kind: Any = type(thing)
    return _to_json(kind)(thing).decode()


def loads(kind: str, body: str | bytes) -> Any:
    """The record of that kind. Raises KeyError for an unknown kind, ValueError for a body that
    does not fit."""
    return _adapter(KINDS[kind]).validate_json(body)


HOST: Final[frozenset[type]] = frozenset(get_args(HostObservation))


def is_host(observation: Observation) -> bool:
    """Host observations wait behind the floor's."""
    return type(observation) in HOST


__all__ = [
    "ENTITIES",
    "KINDS",
    "Command",
    "Event",
    "FloorObservation",
    "HostObservation",
    "Message",
    "Observation",
    "WantedState",
    "dumps",
    "is_host",
    "loads",
]
