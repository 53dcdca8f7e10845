"""A broker, and what is published there."""

from tests.devices.conftest import broker, forgetful

__all__ = ["broker", "forgetful"]
