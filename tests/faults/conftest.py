"""The broker of the devices' tests."""

from tests.devices.conftest import broker

__all__ = ["broker"]
