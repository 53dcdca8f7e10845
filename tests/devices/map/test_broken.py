"""Every mistake is said exactly, at its place, in one run; and no bytes make a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from devices.map.check import check
from devices.map.finding import RULES
from devices.map.load import read_map
from tests.devices.map.broken import rules, scanners, writing
from tests.devices.map.broken.shape import Broken

BROKEN = (*writing.WRITING, *rules.RULES, *scanners.SCANNERS)
GOOD = (Path(__file__).parent / "broken" / "good.yaml").read_text()


def said(file: Path, data: bytes) -> list[str]:
    file.write_bytes(data)
    draft = read_map(file)
    lines = [str(error) for error in draft.errors]
    lines += [str(found) for found in check(draft.map)] if draft.map is not None else []
    assert all(line.startswith(f"{file}:") and line.isprintable() for line in lines), lines
    return [line.removeprefix(f"{file}:") for line in lines]


def test_the_map_that_is_broken_is_good(tmp_path: Path) -> None:
    assert said(tmp_path / "m.yaml", GOOD.encode()) == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_map(tmp_path: Path, broken: Broken) -> None:
    assert GOOD.count(broken.old), "the replaced text is no longer there"
    text = GOOD.replace(broken.old, broken.new, 1) + broken.tail
    assert said(tmp_path / "m.yaml", text.encode()) == list(broken.said)


def test_every_code_is_proved_somewhere() -> None:
    """Those of one library's world by its own tests."""
    told = " ".join(line for broken in BROKEN for line in broken.said)
    tests = "".join(file.read_text() for file in Path(__file__).parents[1].rglob("*.py"))
    assert [code for code in RULES if f" {code}: " not in told and f'"{code}"' not in tests] == []
    assert len(BROKEN) >= 40


BOMB = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "1:1: the file is empty"),
        (b"# only a comment\n", "1:1: the file is empty"),
        (b"a: 1\nb: \xff\n", "2:4: not text in UTF-8: invalid start byte"),
        (GOOD.encode("utf-16"), "1:1: not text in UTF-8: invalid start byte"),
        (b"a: 1\nb: x\x00y\n", "2:5: a character that YAML does not allow: U+0000"),
        (b"[a," * 100_000, "1:121: more than 40 levels in each other"),
        (b"a: " + b"[" * 60 + b"]" * 60, "1:44: more than 40 levels in each other"),
        (b"- " * 60 + b"x", "1:83: 0.0.0: more than 40 levels in each other"),
        (b"- " * 5_000 + b"x", "1:1: more than 40 levels in each other"),
        (b"x" * 4_000_001, "1:1: more than 4,000,000 characters"),
        (b"[]", "1:1: devicemap: is missing: a map says `devicemap: 1`"),
        (b"a: &a [*a]\n", "1:8: anchors and aliases are not used here; write a template"),
        (BOMB.encode(), "2:8: anchors and aliases are not used here; write a template"),
        (b"? [a]\n: 1\n", "1:3: a key must be a name or a number"),
    ],
)
def test_a_file_that_is_no_map(tmp_path: Path, data: bytes, expected: str) -> None:
    lines = said(tmp_path / "m.yaml", data)
    assert any(line.startswith(expected) for line in lines), lines[:3]


def test_a_mark_of_byte_order_is_no_mistake(tmp_path: Path) -> None:
    assert said(tmp_path / "m.yaml", b"\xef\xbb\xbf" + GOOD.encode()) == []


def test_a_file_of_another_system_is_no_mistake(tmp_path: Path) -> None:
    assert said(tmp_path / "m.yaml", GOOD.replace("\n", "\r\n").encode()) == []


PLACES = [at for at, one in enumerate(GOOD) if one in " {[:,"]
ODD = st.sampled_from(
    ["[1]", "{a: 1}", "null", "yes", "010", "&a", "*a", "!x", "- 1", '"', "\0", "${n}", "1e999",
     "-_", ".nan", "9" * 500, "[", "}", ": ", "\n", "  ", "? a", "%YAML 1.1\n", "---\n", "\u2028",
     "<<", "a: b: c", "true", "hr:1.3", "2001-01-01", "0o_", "{}", "''", "|", "fast", "s1", "plc"]
)  # fmt: skip
EDITS = st.lists(st.tuples(st.sampled_from(PLACES), st.integers(0, 30), ODD), max_size=3)


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([(GOOD.index("[{template"), 40, "{a: 1}")])
@example([(GOOD.index("[n]"), 3, "n")])
@example([(GOOD.index(" plc\n"), 4, " [plc]")])
@example([(GOOD.index("lane, as"), 4, "[lane]")])
@example([(GOOD.index("[A-01, A-02]"), 12, "[[A], {B: 1}]")])
@given(EDITS)
def test_whatever_is_written_is_answered_in_words(
    tmp_path: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = GOOD
    for place, cut, put in edits:
        text = text[:place] + put + text[place + cut :]
    said(tmp_path / "m.yaml", text.encode())


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=300))
def test_any_bytes_are_answered_in_words(tmp_path: Path, data: bytes) -> None:
    assert said(tmp_path / "m.yaml", data)
