"""What lines need that can be broken."""

from tests.devices.conftest import broker
from tests.faults.fixtures import needs

__all__ = ["broker", "needs"]
