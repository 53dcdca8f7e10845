"""docs/faults.md: every fault is there, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = {
    int(cells[0]): cells
    for line in PAGE.splitlines()
    if (cells := [cell.strip() for cell in line.strip("| ").split(" | ")])[0].isdecimal()
}
WANTED = [*range(24, 39), *range(41, 50)]


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def test_every_fault_has_its_row() -> None:
    assert sorted(ROWS) == WANTED


@pytest.mark.parametrize("fault", WANTED)
def test_every_named_test_exists(fault: int) -> None:
    _, happens, said, heals, proofs = ROWS[fault]
    assert happens and said and heals
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", proofs)
    assert named
    missing = [f"{path}::{name}" for path, name in named if name not in functions(ROOT / path)]
    assert not missing
