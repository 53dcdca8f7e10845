"""`wedge map import --opcua`: a server's variables, as a device of a map."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.errors import DeviceError
from devices.home import placed
from devices.map.browsed import Node, aliases, chosen, device, map_of
from devices.map.explain import hint
from devices.map.load import understood
from devices.map.schema import OpcUa
from devices.map.text import Spot, part


class NotBrowsed(Exception):
    """The words say why."""


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def browsed(
    where: str, base: Mapping[Any, Any] | None, prefix: str, name: str, data: Path
) -> tuple[dict[Any, Any], int]:
    """The map as plain data, and how many tags were found. Raises NotBrowsed.

    where: a URL, or the name of a connection of `base`, whose security is used.
    """
    if where.startswith("opc.tcp://"):
        nodes = _nodes(OpcUa(type="opcua", url=where, insecure=True, namespaces={}), prefix)
        fresh = map_of(where, nodes, name)
        return (fresh if base is None else _both(base, fresh)), len(nodes)
    line, config = _line(where, base or {}, data)
    nodes = _nodes(config, prefix)
    spaces = aliases(nodes, line["namespaces"])
    grown = {
        "connections": {where: {**line, "namespaces": spaces}},
        "devices": {name: device(nodes, spaces, where)},
    }
    return _both(base or {}, grown), len(nodes)


def _both(base: Mapping[Any, Any], more: Mapping[Any, Any]) -> dict[Any, Any]:
    """What `more` names in connections and devices is put beside, or in place of, what is there."""
    both = dict(base)
    for section in ("connections", "devices"):
        both[section] = {**base.get(section, {}), **more[section]}
    return both


def _line(name: str, base: Mapping[Any, Any], data: Path) -> tuple[dict[Any, Any], OpcUa]:
    draft = understood(part(dict(base), Spot("map", 0, 0)), [])
    lines = draft.map.connections if draft.map is not None else {}
    known = {one for one, line in lines.items() if isinstance(line, OpcUa)}
    if name not in known:
        told = "is no URL like opc.tcp://10.0.0.2:4840 and no OPC UA connection of --into"
        raise NotBrowsed(f"{name!r} {told}{hint(name, known)}")
    config = placed(lines[name], data)
    assert isinstance(config, OpcUa)
    return dict(base["connections"][name]), config


def _nodes(config: OpcUa, prefix: str) -> list[Node]:
    from devices.tags.opcua_browse import browse

    try:
        return chosen(browse(config, _Clock()), prefix)
    except DeviceError as err:
        raise NotBrowsed(err.problem) from err
