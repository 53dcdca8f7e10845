"""Brokers for the tests of devices on MQTT."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices.brokers import Broker


@pytest.fixture
def broker(mosquitto: Path, tmp_path: Path) -> Iterator[Broker]:
    """Durable: sessions and retained messages outlive it."""
    broker = Broker(mosquitto, tmp_path)
    yield broker
    broker.dies()


@pytest.fixture
def forgetful(mosquitto: Path, tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(mosquitto, tmp_path, durable=False)
    yield broker
    broker.dies()
