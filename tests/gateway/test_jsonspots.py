"""JSON with its places: what json reads, each value found again where it was written."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.map.text import Path
from gateway.jsonspots import WrittenJson

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, dict | list):
        for key, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(held, (*path, key))


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from((None, 0, 2)), st.booleans())
def test_every_value_is_found_where_it_stands(value: Any, indent: int | None, ascii_: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_)
    written, lines = WrittenJson(text, "hall.json"), text.split("\n")

    assert written.data == value
    assert not written.errors
    for path, held in [*paths(value)][1:]:
        _, line, col = written.spot(path)
        found = path[-1] if isinstance(path[-1], str) else held
        start = json.dumps(found, ensure_ascii=ascii_)
        start = start[0] if isinstance(found, dict | list) else start
        assert lines[line - 1][col - 1 :].startswith(start)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,\n "a": 2}', "hall.json:2:2: a: duplicate key (the first is in line 1)"),
        (
            '{"a": [\n{"b": 1, "b": 1}]}',
            "hall.json:2:10: a.0.b: duplicate key (the first is in line 2)",
        ),
        ('{"a": 1,}', "hall.json:1:9: not JSON: Expecting property name enclosed in double quotes"),
        ("[" * 100_000, "hall.json:1:1: nested too deeply"),
        ("", "hall.json:1:1: not JSON: Expecting value"),
        ('{"a": ' + "9" * 5000 + "}", "hall.json:1:1: not JSON: Exceeds the limit"),
    ],
)
def test_what_is_wrong_with_the_writing_has_a_place(text: str, told: str) -> None:
    (found,) = map(str, WrittenJson(text, "hall.json").errors)
    assert found.startswith(told)
