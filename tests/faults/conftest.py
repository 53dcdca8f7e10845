"""What lines need that can be broken."""

from tests.devices.conftest import broker
from tests.faults.fixtures import merge_port, needs

__all__ = ["broker", "merge_port", "needs"]
