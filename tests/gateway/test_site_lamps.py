"""What a site file says of lamps is held against the device map."""

import shutil
from pathlib import Path

import pytest

from gateway.settings import SettingsError, load

DEMO = Path(__file__).parents[2] / "config" / "demo"


def said(folder: Path, *changes: tuple[str, str]) -> str:
    site = Path(shutil.copytree(DEMO, folder / "site"))
    file = site / "site.yaml"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    with pytest.raises(SettingsError) as found:
        load(site)
    return str(found.value)


def test_a_lamp_that_is_not_there(tmp_path: Path) -> None:
    found = said(tmp_path, ("A-01-1: A-01", "A-01-1: A-91"))
    assert "zones.PICK-A: ptl_a has no light 'A-91' (did you mean 'A-" in found


def test_a_display_that_is_not_there(tmp_path: Path) -> None:
    assert "ptl_a has no light 'B'" in said(tmp_path, ("display: A-00", "display: B"))


SECOND = """zones:
  - {station: PICK-B, lights: ptl_a, display: A-12, scanner: hand2, colour: blue, start: STACK,
     end: HANDOVER, light_of: {A-01-1: A-01}}
"""


def test_operators_at_the_same_lamps_have_each_a_colour_a_display_and_a_scanner(
    tmp_path: Path,
) -> None:
    same = SECOND.replace("blue", "green").replace("hand2", "hand1").replace("A-12", "A-00")
    found = said(tmp_path, ("zones:\n", same))
    for what in ("colour: 'green'", "display: 'A-00'", "scanner: 'hand1'"):
        assert f"zones.PICK-A.{what} is that of PICK-B, who picks by the same lamps" in found


def test_who_shares_lamps_walks_for_one_order_at_a_time(tmp_path: Path) -> None:
    shared = SECOND.replace("blue", "blue, batch: 3")
    assert "zones.PICK-B.batch: who shares lamps" in said(tmp_path, ("zones:\n", shared))
