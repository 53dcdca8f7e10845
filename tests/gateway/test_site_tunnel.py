"""The site's patience with a tunnel, and how long the tunnel's gate is open."""

import shutil
from pathlib import Path

import pytest

from gateway.settings import SettingsError, load

GATE = "  tunnel1:\n    kind: scanner\n"


def site(folder: Path, window: str) -> Path:
    shutil.copytree("config/demo", folder / "site")
    file = folder / "site" / "devices.yaml"
    text = file.read_text()
    assert text.count(GATE) == 1
    eye = f"    associate: {{device: sorter1, event: induct, window: {window}}}\n"
    file.write_text(text.replace(GATE, GATE + eye))
    return folder / "site"


def test_a_gate_that_closes_in_time_is_good(tmp_path: Path) -> None:
    load(site(tmp_path, "[-100ms, 200ms]"))


def test_a_no_read_before_the_gate_has_closed_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as found:
        load(site(tmp_path, "[-100ms, 300ms]"))
    assert str(found.value).endswith(
        "sorter.read_within: 0.4 s are over before tunnel1 has spoken: its gate is open for 0.4 s"
    )
