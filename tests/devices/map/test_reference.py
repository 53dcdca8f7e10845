"""The page of the device map says what the models say today, and its examples work."""

import re
from pathlib import Path

from devices.map.check import check
from devices.map.finding import RULES
from devices.map.load import read_map
from devices.map.reference import page

DOC = Path(__file__).parents[3] / "docs" / "device-map.md"
TEXT = DOC.read_text()


def test_its_tables_are_those_of_the_models() -> None:
    assert page(TEXT) == TEXT, "run: python -m devices.map.reference docs/device-map.md"


def test_a_page_that_is_old_is_made_anew() -> None:
    old = TEXT.replace("| `max_gap` |", "| `max_gaps` |")
    assert old != TEXT and page(old) == TEXT


def test_it_names_every_kind_type_and_code() -> None:
    for word in ("type: modbus-rtu", "type: opcua", "kind: divert-sorter", "kind: io",
                 "style: command", *RULES):  # fmt: skip
        assert word in TEXT, word


def test_its_example_is_a_map(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / "devices.yaml"
    file.write_text(example)
    draft = read_map(file)
    assert draft.errors == [] and draft.map is not None
    assert check(draft.map) == []
