"""Reconnects of an OPC UA line, its wire cut each time."""

from pathlib import Path

from tests.faults.lines import Needs
from tests.soak.reconnects import run
from tests.soak.result import Run


def reconnects(folder: Path, times: int = 10_000) -> Run:
    return run(Needs(folder), "opcua", times)
