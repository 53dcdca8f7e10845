"""The lives of PLCs are remembered over a restart of the gateway, and never half."""

from pathlib import Path

import pytest

from devices.boots import Boots, BootsInFile, BootsInMemory
from wcs.names import DeviceId

PLC, OTHER = DeviceId("sorter1"), DeviceId("sorter2")


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_the_name_of_a_life_is_kept_per_plc(kind: str, tmp_path: Path) -> None:
    boots: Boots = BootsInMemory() if kind == "memory" else BootsInFile(tmp_path / "boots.json")
    assert boots.of(PLC) is None
    boots.set(PLC, "a")
    boots.set(OTHER, "b")
    boots.set(PLC, "c")
    assert (boots.of(PLC), boots.of(OTHER)) == ("c", "b")


def test_another_process_reads_what_was_set(tmp_path: Path) -> None:
    BootsInFile(tmp_path / "boots.json").set(PLC, "a")
    assert BootsInFile(tmp_path / "boots.json").of(PLC) == "a"


@pytest.mark.parametrize("torn", ["", '{"sorter1": "a', "[]", "\x00\x00"])
def test_a_torn_file_is_the_same_as_none(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "boots.json"
    file.write_text(torn)
    boots = BootsInFile(file)
    assert boots.of(PLC) is None
    boots.set(PLC, "b")
    assert boots.of(PLC) == "b"
