"""A map as a table: nothing but comments is lost, and every mistake of a table has its row and
column."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from devices.map.csv import plain_of, read_table, table
from devices.map.load import Draft, understood
from devices.map.reading import read, read_file
from devices.map.writing import yaml

DEMO = Path(__file__).parents[3] / "config" / "demo" / "devices.yaml"
HEAD = "connection,device,tag,at,type,access,more\n"
SITE = ',,,,,,"{devicemap: 1, site: {code: T, gln: ""1"", timezone: UTC}}"\n'
LINE = 'plc,,,,,,"{type: modbus-tcp, host: 10.0.0.1}"\n'


def loaded(text: str) -> Draft:
    tree, errors = read(text, "map.yaml")
    assert tree is not None, errors
    return understood(tree, errors)


def resolved(draft: Draft) -> Any:
    assert draft.map is not None and draft.errors == [], draft.errors
    return draft.map.model_dump()


def imported(text: str, base: Draft | None = None) -> Draft:
    found = read_table(text, "plc.csv", base.tree if base else None)
    return understood(found.tree, found.errors)


def told(draft: Draft) -> list[str]:
    return [str(error) for error in draft.errors]


def test_the_demo_goes_round() -> None:
    draft = loaded(DEMO.read_text())
    back = imported(table(plain_of(draft.tree)))
    assert resolved(back) == resolved(draft)
    assert resolved(loaded(yaml(plain_of(back.tree)))) == resolved(draft)


def test_the_reference_goes_round(reference: Path) -> None:
    draft = loaded((reference / "reference" / "device-map.yaml").read_text())
    back = imported(table(plain_of(draft.tree)))
    assert resolved(back) == resolved(draft)
    assert resolved(loaded(yaml(plain_of(back.tree)))) == resolved(draft)


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Reading YAML is slow, and a map is small already."""
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
SCALES = st.floats(allow_nan=False, allow_infinity=False, width=32).filter(lambda x: x != 0)
QUANTITIES = st.integers(0, 5000).map(lambda n: f"{n}ms")
NUMBERS = st.sampled_from(["int16", "uint16", "int32", "float32", "uint64"])


def some(**fields: Any) -> Any:
    return st.fixed_dictionaries({}, optional=fields)


EXTRAS = some(
    scale=SCALES,
    offset=SCALES,
    unit=TEXTS,
    note=TEXTS,
    permission=TEXTS,
    poll=st.sampled_from(["fast", "slow", "once"]),
    access=st.sampled_from(["r", "w", "rw"]),
    range=st.tuples(SCALES, SCALES).map(list),
    deadband=st.one_of(st.integers(0, 9), st.just("2%"), st.just(0.5)),
    count=st.integers(1, 5),
    counter=st.booleans(),
    nan=SCALES,
    debounce=some(on=QUANTITIES, off=QUANTITIES),
    alarm=some(when=st.booleans(), text=TEXTS, high=SCALES, latch=st.booleans()),
    word_order=st.sampled_from(["big", "little"]),
)
TAGS = st.builds(
    lambda at, type, extras: {"at": at, "type": type, **extras},
    st.builds("{}:{}".format, st.sampled_from(["ir", "hr"]), st.integers(0, 999)),
    NUMBERS,
    EXTRAS,
) | st.builds(
    lambda names: {"at": "ir:1", "type": "enum", "enum": names},
    st.dictionaries(st.integers(0, 9), TEXTS, min_size=1, max_size=3),
)
DEVICES = st.builds(
    lambda note, tags: {"kind": "io", "connection": "plc", "note": note, "tags": tags},
    TEXTS,
    st.dictionaries(NAMES.filter(str.strip), TAGS, max_size=4),
)
MAPS = st.builds(
    lambda code, devices: {
        "devicemap": 1,
        "site": {"code": code, "gln": "1", "timezone": "UTC"},
        "connections": {"plc": {"type": "modbus-tcp", "host": "10.0.0.1"}},
        "devices": devices,
    },
    TEXTS,
    st.dictionaries(NAMES.filter(str.strip), DEVICES, max_size=3),
)


@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
@given(MAPS)
def test_any_map_goes_round(made: dict[str, Any]) -> None:
    draft = loaded(yaml(made))
    assert plain_of(draft.tree) == made  # what is written is read
    back = imported(table(plain_of(draft.tree)))
    assert resolved(back) == resolved(draft)


def test_a_plc_list_is_laid_over_a_map() -> None:
    base = loaded(yaml({
        "devicemap": 1, "site": {"code": "T", "gln": "1", "timezone": "UTC"},
        "connections": {"plc": {"type": "modbus-tcp", "host": "10.0.0.1"}},
        "devices": {"meter": {"kind": "io", "connection": "plc", "tags": {}}},
    }))  # fmt: skip
    rows = (
        "\ufeffdevice;tag;at;type;unit",
        "meter;volts;ir:0;float32;V",
        "meter;amps;ir:2;uint16;A",
    )
    made = imported("\r\n".join(rows), base)
    assert [*resolved(made)["devices"]["meter"]["tags"]] == ["volts", "amps"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("plc,m,,,,,{kind: io}\n,m,v,xr:1,uint16,,\n",
         "plc.csv:5:4: devices.m.tags.v.at: 'xr:1' is not an address like ir:8 or hr:10.3"),
        ("plc,m,,,,,{kind: io}\n,m,v,ir:1,uint17,,\n", "plc.csv:5:5: devices.m.tags.v.type: "
         "'uint17' is none of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64,"
         " float, double, bcd16, bcd32, string, enum, bits (did you mean 'uint16'?)"),
        (",,v,ir:1,uint16,,\n", "plc.csv:4:3: a tag needs its device"),
        ("plc,m,,,,,[1]\n", "plc.csv:4:7: `more` must be `{key: value, ...}`"),
        ("plk,m,,,,,{kind: io}\n,m,v,ir:1,uint16,,\n", "plc.csv:4:1: devices.m.connection: "
         "there is no connection plk (did you mean 'plc'?)"),
        ("plc,m,,,,,{kind: yes}\n", "plc.csv:4:7: kind: `yes` is text here: write true or false,"
         " or quote it"),
        (',m,v,"""x",uint16,,\n', "plc.csv:4:4: not YAML: found unexpected end of stream"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_row_and_column(rows: str, expected: str) -> None:
    assert expected in told(imported(HEAD + SITE + LINE + rows))


def test_an_unknown_column_is_a_mistake() -> None:
    assert "plc.csv:1:3: there is no such key here (did you mean 'access'?)" in told(
        imported("device,tag,adress\n")
    )


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_table_crashes_the_reader(text: str) -> None:
    assert imported(text).errors or not text


def test_the_reader_of_a_file_knows_the_demo() -> None:
    tree, errors = read_file(DEMO)
    assert tree is not None and errors == []
