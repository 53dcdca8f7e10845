"""The schema for editors: the models' own keys, quantities as text; good maps fit, broken ones do
not."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from devices.map.reading import read_file
from devices.map.schema_json import json_schema
from devices.map.text import plain

DEMO = Path(__file__).parents[3] / "config" / "demo" / "devices.yaml"
VALIDATOR = Draft202012Validator(json_schema())


def as_json(value: Any) -> Any:
    """An editor's view: every key is text."""
    if isinstance(value, dict):
        return {str(key): as_json(one) for key, one in value.items()}
    return [as_json(one) for one in value] if isinstance(value, list) else value


def file(path: Path) -> Any:
    tree, errors = read_file(path)
    assert tree is not None and not errors
    return as_json(plain(tree))


def complaints(map: Any) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(map)]


def test_it_is_a_schema_of_2020_12() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_the_demo_fits() -> None:
    assert complaints(file(DEMO)) == []


def test_the_reference_fits(reference: Path) -> None:
    assert complaints(file(reference / "reference" / "device-map.yaml")) == []


def test_it_says_what_the_models_say() -> None:
    definitions = json_schema()["$defs"]
    modbus = definitions["ModbusTcp"]["properties"]
    assert "timeout" in modbus and "timeout_s" not in modbus
    assert modbus["timeout"]["type"] == "string"
    assert "hr:40-41" in modbus["forbidden"]["description"]
    assert definitions["RegisterTag"]["properties"]["length"]["description"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("devicemap",), 2),
        (("devices", "sorter1", "kind"), "sorter"),
        (("devices", "sorter1", "tags", "speed", "scael"), 2),
        (("devices", "sorter1", "tags", "speed", "type"), "uint17"),
        (("devices", "sorter1", "tags", "speed", "access"), "x"),
        (("devices", "sorter1", "handshakes", "induct", "style"), "events"),
        (("devices", "sorter1", "lanes", "1", "colour"), "red"),
        (("devices", "ptl_a", "ack_timeout"), 1.5),
        (("devices", "tunnel1", "framing", "max_length"), 0),
        (("connections", "plc_sorter", "timeout"), "150"),
        (("connections", "plc_sorter", "port"), 70_000),
        (("connections", "broker", "password"), "clear"),
        (("connections", "com_pick", "prot"), 1),
        (("templates", "lane", "tags", "full", "pol"), "fast"),
        (("site", "timezone"), 1),
        (("tempaltes",), {}),
    ],
)
def test_a_mistake_is_underlined(path: tuple[str, ...], value: object) -> None:
    map = here = file(DEMO)
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    assert complaints(map)
