"""Values of a simulated OPC UA device: raw as the map says, shown in the order they came to be."""

from typing import Any

import pytest

from devices.map.schema import NodeTag
from simulators.io_nodes import Nodes

TAGS: dict[str, dict[str, Any]] = {
    "temp": {"type": "int16", "scale": 0.1},
    "flow": {"type": "float32", "offset": 2.0},
    "state": {"type": "enum", "enum": {1: "idle", 2: "on"}},
    "flags": {"type": "bits", "enum": {0: "a", 3: "d"}},
    "total": {"type": "bcd16"},
    "name": {"type": "string"},
    "ready": {"type": "bool"},
}


def nodes(**more: dict[str, Any]) -> Nodes:
    made = {"node": "p;s=x"}
    tags = {
        name: NodeTag.model_validate({**made, "node": f"p;s={name}", **tag})
        for name, tag in (TAGS | more).items()
    }
    return Nodes(tags)


@pytest.mark.parametrize(
    ("tag", "value", "raw"),
    [
        ("temp", -12.3, -123),
        ("flow", 1.5, -0.5),
        ("state", "on", 2),
        ("flags", ["a", "d"], 9),
        ("total", 9999, 9999),
        ("name", "ab", "ab"),
        ("ready", 1, True),
    ],
)
def test_values_lie_as_the_map_says(tag: str, value: Any, raw: Any) -> None:
    made = nodes()
    before = made.raw(f"p;s={tag}")
    made.put(tag, value)
    assert made.raw(f"p;s={tag}") == raw
    assert made.get(tag) == (pytest.approx(value) if isinstance(value, float) else value)
    made.clear()
    assert made.raw(f"p;s={tag}") == before


@pytest.mark.parametrize(
    ("tag", "value", "error"),
    [("temp", 4000.0, ValueError), ("total", 10_000, ValueError), ("state", "off", KeyError)],
)
def test_what_does_not_fit_changes_nothing(tag: str, value: Any, error: type[Exception]) -> None:
    made = nodes()
    with pytest.raises(error):
        made.put(tag, value)
    assert not made.changed


def test_the_last_change_is_shown_last_and_a_clients_write_is_not_shown_again() -> None:
    made = nodes(again={"type": "int16", "node": "p;s=temp"})
    made.put("temp", 1.0)
    made.put("ready", True)
    made.put("temp", 2.0)
    assert list(made.changed) == ["p;s=ready", "p;s=temp"]
    assert made.get("again") == 20  # two tags of one node
    made.written("p;s=temp", 30)
    assert (made.get("temp"), list(made.changed)) == (3.0, ["p;s=ready"])
