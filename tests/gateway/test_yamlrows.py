"""Rows read apart: the same data, errors and places as the strict reader's, on any text."""

import re
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.map.reading import read
from devices.map.text import plain, spot_of
from gateway.yamlrows import Written

ODD_VALUES = r"""
    A-01-003 01-02-3 007 1e3 1_000 0x1F .5 5. -0 -0.0 yes No true True null NULL ~ on nan .inf é
    2001-12-14 12-1 12-01: it's a:b [amr] [amr,people] [] [007] {} "" '' yes-man nullable "a,b: c"
    'it''s' "\n" "é"
"""
KEYS = st.sampled_from(("id", "x", "u", "oneway", "users", "yes", "b7"))
VALUES = st.one_of(
    st.integers(-99, 10**20).map(str),
    st.floats(-1e3, 1e3).map(str),
    st.sampled_from(re.findall(r"\S+", ODD_VALUES)),
    st.sampled_from(["two words", "[amr, people]", '"a: 1, b: 2"', "", "|", "*a", "#c"]),
)
PAIRS = st.tuples(KEYS, VALUES).map(": ".join)
FLOW = st.lists(PAIRS, min_size=1, max_size=3).map(lambda pairs: f"- {{{', '.join(pairs)}}}")
BLOCK = st.lists(PAIRS, min_size=1, max_size=3).map(lambda pairs: "- " + "\n    ".join(pairs))
ODD = st.sampled_from(
    (
        "",
        "# note",
        "- plain",
        "-",
        "- - x",
        '- {id: "a',
        "junk",
        "    deeper",
        "- id: a\n    - b",
        "  - x",
    )
)
ROWS = st.lists(st.one_of(FLOW, FLOW, BLOCK, BLOCK, ODD), max_size=6)
ENDS = st.sampled_from(("\n", " \n", "  # why\n", "\n\n", "\n    more\n"))


@st.composite
def files(draw: st.DrawFn) -> str:
    lines = []
    for section in draw(st.lists(st.sampled_from(("nodes", "edges", "name")), max_size=3)):
        lines.append(f"{section}:\n")
        lines += [f"  {row}{draw(ENDS)}" for row in draw(ROWS)]
    return "".join(lines)


@settings(max_examples=120, deadline=None)
@given(files())
@example("nodes:\n- id: a\n  x: 1\n- {id: b, x: 2}\nedges: []\n")
@example('nodes:\n  - {id: "a\n  - {id: b, x: 1}", x: 1}\n')
@example("nodes:\n  junk\n  - {id: 0}\n  - {id: 0, id: 0}\n")
@example("name: hall\n  - {id: a}\nnodes:\n  - {id: a}")
@example("nodes:\n  - {id: a}\nnodes:\n  - {id: b}\n")
@example("nodes:\n  - {id: a, id: b}\n  - {id: c}\n  - {id: yes}\n")
def test_it_reads_what_the_strict_reader_reads(text: str) -> None:
    tree, errors = read(text, "hall.yaml")
    written = Written(text, "hall.yaml")

    assert written.data == (plain(tree) if tree else None)
    assert repr(written.data) == repr(plain(tree) if tree else None)  # 1 is not 1.0, nor true
    assert sorted(map(str, written.errors)) == sorted(map(str, errors))
    if tree is None:
        return
    for section, part in tree.items():
        for at, one in enumerate(part.value if isinstance(part.value, list) else ()):
            for path in (
                (section,),
                (section, at),
                *((section, at, key) for key, _ in one.items()),
            ):
                assert written.spot(path) == spot_of(tree, path, key=True)


@pytest.mark.parametrize("row", ["- {{id: n{0}, x: 1.5}}", "- id: n{0}\n    x: 1.5"])
def test_ten_thousand_rows_cost_a_small_part_of_the_strict_reader(row: str) -> None:
    few = "nodes:\n" + "".join(f"  {row.format(n)}\n" for n in range(300))
    many = "nodes:\n" + "".join(f"  {row.format(n)}\n" for n in range(10_000))

    begun = process_time()
    read(few, "hall.yaml")
    strict = (process_time() - begun) / 300
    begun = process_time()
    assert len(Written(many, "hall.yaml").data["nodes"]) == 10_000
    assert (process_time() - begun) / 10_000 < strict / 5
