"""Devices with their health in words, and what each shows right now."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from devices.live import Live
from devices.map.schema import DeviceMap, OpcUa
from devices.mode import Mode
from devices.tags.value import Value
from sync import reading
from wcs.equipment import Setup
from wcs.model import Device

TAGS = 1000
CERTIFICATES = ("certificate.own", "certificate.server")
"""Days that they have left, beside the tags of a device on a secured line."""


def devices(
    conn: sqlite3.Connection,
    device_map: DeviceMap,
    connected: frozenset[str],
    live: Live,
    mode: Mode = "automatic",
) -> list[dict[str, Any]]:
    """Every device of the map, in its order; one that was never heard of is `unknown`. mode: of
    those for which nobody has set one."""
    known = {row.id: row for row in reading.find(conn, Device)}
    setups = {row.device: row for row in reading.find(conn, Setup)}
    return [
        {
            "id": name,
            "kind": device.kind,
            "area": device.area,
            "insecure": name in insecure(device_map),
            **_setup(setups.get(name), mode),  # type: ignore[call-overload]
            **health(known.get(name), name in connected),  # type: ignore[call-overload]
            "tags": tags(live.of(name)),  # type: ignore[arg-type]
        }
        for name, device in device_map.devices.items()
    ]


def _setup(setup: Setup | None, mode: Mode) -> dict[str, Any]:
    if setup is None:
        return {"mode": mode, "simulated": False, "binding": {}}
    return {
        "mode": setup.mode or mode,
        "simulated": setup.simulated,
        "binding": setup.binding or {},
    }


def health(row: Device | None, connected: bool) -> dict[str, Any]:
    """The floor's word on a device, and what is true of its line before the floor has heard."""
    if row is None:
        return {"health": "unknown", "why": "not heard of yet", "since": None}
    if row.up and not connected:
        return {"health": "down", "why": "the line is closed", "since": row.since}
    return {
        "health": "up" if row.up else "down",
        "why": row.reason or ("connected" if row.up else "no reason given"),
        "since": row.since,
    }


def insecure(device_map: DeviceMap) -> dict[str, str]:
    """Devices whose OPC UA connection has neither signing nor encryption, and its address."""
    return {
        name: found.url
        for name, device in device_map.devices.items()
        if isinstance(found := device_map.connections[device.connection], OpcUa) and found.insecure
    }


def tags(values: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [_tag(name, value) for name, value in sorted(values.items())[:TAGS]]


def _tag(name: str, value: Value) -> dict[str, Any]:
    return {
        "name": name,
        "value": value.value,
        "unit": value.unit,
        "quality": value.quality,
        "reason": value.reason,
        "at": value.at,
    }


def degraded(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Devices that are not up, and certificates that end soon, for `/health/ready`: a state, not a
    failure of the service."""
    away = [{"id": row["id"], "why": row["why"]} for row in rows if row["health"] != "up"]
    return away + [
        {"id": row["id"], "why": tag["reason"]}
        for row in rows
        for tag in row["tags"]
        if row["health"] == "up" and tag["name"] in CERTIFICATES and tag["quality"] != "good"
    ]
