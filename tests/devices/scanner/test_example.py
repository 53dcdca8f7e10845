"""The example of every line of a scanner is a clean map."""

from pathlib import Path

import pytest

from devices.drivers import drivers
from devices.live import Live
from devices.map.check import check
from devices.map.load import load_map
from devices.map.schema import Associate
from tests.devices.peers import HandClock


def test_the_example_is_clean_and_every_device_has_its_driver() -> None:
    map = load_map(Path("docs/examples/scanners.yaml"))
    assert check(map) == []
    made = drivers(map, clock=HandClock(), beat=lambda: 1, live=Live())
    assert [one.id for one in made] == list(map.devices)


@pytest.mark.parametrize(
    ("how", "latest"),
    [
        ({"window": ["0ms", "150ms"]}, 0.15),
        ({"device": "s", "event": "induct", "window": ["-100ms", "200ms"]}, 0.3),
        ({"device": "s", "event": "induct", "window": ["50ms", "200ms"]}, 0.2),
        ({"device": "s", "event": "induct", "encoder": "e", "along": ["-50mm", "25cm"]}, 300.0),
    ],
)
def test_when_the_last_word_on_a_carton_is_spoken(how: dict[str, object], latest: float) -> None:
    assert Associate.model_validate(how).latest == pytest.approx(latest)
