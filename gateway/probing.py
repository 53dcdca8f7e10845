"""`wedge map probe`: a line of its own where nobody else holds it, else what the gateway reads."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from devices.home import placed
from devices.map.explain import hint
from devices.map.rules.shared import Tagged, endpoint, unit_of
from devices.map.schema import DeviceMap, Modbus, NodeTag, OpcUa, RegisterTag
from devices.tags.probe import Probed, from_gateway, probe_modbus
from gateway.reports import NotThere

LETTERS: Final = {("big", "big"): "ABCD", ("little", "big"): "CDAB", ("big", "little"): "BADC",
                  ("little", "little"): "DCBA"}  # fmt: skip


class NoProbe(Exception):
    """It is not done; the words say why, and what to do."""


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def tagged(device_map: DeviceMap, name: str) -> Tagged:
    """Raises NoProbe."""
    config = device_map.devices.get(name)
    if config is None:
        raise NoProbe(f"there is no device {name!r}{hint(name, device_map.devices)}")
    if not isinstance(config, Tagged):
        raise NoProbe(f"{name} is a {config.kind}: it has no tags; `wedge device` shows how it is")
    return config


def probe(device_map: DeviceMap, name: str, data: Path) -> list[Probed]:
    """Over the real wire. Raises NoProbe, DeviceError."""
    config = tagged(device_map, name)
    _refuse_held(device_map, name, data)
    line = placed(device_map.connections[config.connection], data)
    readable = {tag: one for tag, one in config.tags.items() if one.access != "w"}
    if isinstance(line, Modbus):
        registers = {n: one for n, one in readable.items() if isinstance(one, RegisterTag)}
        return asyncio.run(probe_modbus(line, unit_of(device_map, config), registers))
    if not isinstance(line, OpcUa):
        raise NoProbe(f"{name}: {line.type} carries no tags")
    from devices.tags.opcua_probe import probe_opcua

    nodes = {n: one for n, one in readable.items() if isinstance(one, NodeTag)}
    return asyncio.run(probe_opcua(name, line, nodes, _Clock()))


def probe_through_gateway(device_map: DeviceMap, name: str, data: Path) -> list[Probed]:
    """What the running gateway has read. Raises NoProbe, NotThere."""
    from gateway.devicecli import asked

    config = tagged(device_map, name)
    status, rows = asked(data, "GET", f"/api/tags/{quote(name, safe='')}")
    if status != 200:
        raise NoProbe(f"the gateway answered {status}: {rows.get('detail', '')}")
    return from_gateway(dict(config.tags), rows)


def _refuse_held(device_map: DeviceMap, name: str, data: Path) -> None:
    """Many devices talk to one at a time, and a bus to one question at a time."""
    from gateway.devicecli import asked

    try:
        status, rows = asked(data, "GET", "/api/devices")
    except NotThere:
        return
    up = {row["id"] for row in rows if row["health"] == "up"} if status == 200 else set()
    holders = sorted(up & set(_sharing(device_map, name)))
    if holders:
        raise NoProbe(
            f"{name}: the running gateway holds its line ({', '.join(holders)}); --through-gateway"
            f" shows what it reads, or `wedge device mode {holders[0]} off` frees it"
        )


def _sharing(device_map: DeviceMap, name: str) -> Iterable[str]:
    def place(one: str) -> object:
        line = device_map.devices[one].connection
        return endpoint(device_map.connections[line]) or line

    return [one for one in device_map.devices if place(one) == place(name)]


def as_rows(found: list[Probed]) -> list[dict[str, Any]]:
    return [asdict(one) for one in found]


def print_probed(found: list[Probed]) -> None:
    table = Table(
        *("tag", "address", "type", "hex", "decimal", "value"),
        box=None, pad_edge=False, header_style="bold",
    )  # fmt: skip
    for one in found:
        table.add_row(one.tag, one.address, one.type, _hex(one.words), _decimal(one.words),
                      _told(one))  # fmt: skip
        for reading in one.readings:
            order = LETTERS[reading.word_order, reading.byte_order]
            marks = " <- the map" if reading.declared else ""
            marks += " <- likely" if reading.likely and not reading.declared else ""
            shown = "no value" if reading.value is None else _shown(reading.value)
            table.add_row("", "", order, "", "", f"{shown}{marks}")
    console = Console()
    wide = Console(width=None if console.is_terminal else 160, markup=False, highlight=False)
    wide.print(table)


def _told(one: Probed) -> str:
    if one.error:
        return f"NO: {one.error}"
    return f"{_shown(one.value)} {one.unit}".strip()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _hex(words: tuple[int, ...]) -> str:
    shown = " ".join(f"{word:04X}" for word in words[:8])
    return f"{shown} ..." if len(words) > 8 else shown


def _decimal(words: tuple[int, ...]) -> str:
    return " ".join(map(str, words[:8]))
