"""What a map may say of lamps on a Modbus line, and what it gets wrong."""

from pathlib import Path

import pytest

from devices.map.check import check
from devices.map.csv import plain_of, read_table, table
from devices.map.load import read_map, understood
from devices.map.plan import lines_of
from devices.map.reading import read
from devices.map.schema import DeviceMap, LightZone

EXAMPLE = Path("docs/examples/pick-iq.yaml")


def example() -> DeviceMap:
    found = read_map(EXAMPLE).map
    assert found is not None
    return found


def said(folder: Path, old: str = "", new: str = "") -> list[str]:
    text = EXAMPLE.read_text()
    assert text.count(old), "the replaced text is no longer there"
    file = folder / "m.yaml"
    file.write_text(text.replace(old, new, 1) if old else text)
    draft = read_map(file)
    found = [str(one) for one in draft.errors]
    found += [str(one) for one in check(draft.map)] if draft.map else []
    return [line.removeprefix(f"{file}:") for line in found]


def test_the_example_is_clean(tmp_path: Path) -> None:
    assert said(tmp_path) == []
    zone = example().devices["ptl_b"]
    assert isinstance(zone, LightZone) and zone.pick_iq is not None
    assert [one.unit for one in zone.lights.values()] == [1, 2, 3]


ALLOWED = "[hr:7900-7901, hr:6311-6312]"


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "text"),
    [
        ("{unit: 1,", "{", "DM160", "30:13", "B-01 does not say which unit it is"),
        ("{unit: 2,", "{unit: 1,", "DM161", "31:20", "unit 1 of B-02 is that of B-01"),
        ("{unit: 2,", "{unit: 9,", "DM161", "31:20", "unit 9 of B-02 is that of meter"),
        ("job: hr:7900", "job: ir:7900", "DM162", "20:12", "job is written, and ir:7900 cannot"),
        (ALLOWED, "[hr:7900, hr:6311-6312]", "DM162", "21:16", "hr:7901 is not in the list"),
        ("red: 1, ", "", "DM163", "31:44", "B-02 is to show red, which has no number"),
        ("      colour: hr:6312\n", "", "DM163", "20:7", "`colour` and `colours` belong together"),
        ("display: B-01\n", "display: B-09\n", "DM101", "28:14", "B-09 is none of its lights"),
        ("poll: 250ms", "poll: 20ms", "DM116", "8:5", "its polls take"),
    ],
)
def test_a_mistake_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, code: str, place: str, text: str
) -> None:
    (found,) = said(tmp_path, old, new)
    assert found.startswith(f"{place}: ") and f" {code}: " in found, found
    assert text in found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    pick_iq:\n", "    mqtt: {command: a, event: b, status: c}\n    pick_iq:\n",
         "needs either `mqtt` or `pick_iq`"),
        ("unit: 3", "unit: 248", "unit"),
        ("secondary: empty", "secondary: short", "secondary"),
        ("touched: hr:7910", "touched: 7910", "is not an address like"),
        ("touched: hr:7910", "touched: hr:7910.3", "hr:7910.3 is one bit: a register or a coil"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert any(expected in line for line in said(tmp_path, old, new)), said(tmp_path, old, new)


def test_a_zone_is_spoken_to_over_its_own_wire(tmp_path: Path) -> None:
    topics = 'mqtt: {command: "a/{light}", event: "b/{light}", status: c}'
    text = EXAMPLE.read_text()
    wire = text[text.index("    pick_iq:\n") : text.index("    display: B-01\n")]
    lines = said(tmp_path, wire, f"    {topics}\n")
    assert any("DM102: ptl_b: `mqtt` is not spoken over modbus-rtu" in line for line in lines), (
        lines
    )


def test_the_polls_of_modules_count_for_their_line() -> None:
    (line,) = lines_of(example())
    assert line.devices == ("meter", "ptl_b")
    lamps = [read for read in line.reads if read.device == "ptl_b"]
    assert [(read.unit, read.block.tags) for read in lamps[::2]] == [
        (1, ("B-01",)),
        (2, ("B-02",)),
        (3, ("B-03",)),
    ]
    assert 0 < line.load < 0.8


def test_the_example_goes_round_as_a_table() -> None:
    tree, errors = read(EXAMPLE.read_text(), "m.yaml")
    assert tree is not None
    before = understood(tree, errors)
    back = read_table(table(plain_of(before.tree)), "m.csv")
    after = understood(back.tree, back.errors)
    assert before.map is not None and after.map is not None
    assert after.map.model_dump() == before.map.model_dump()
