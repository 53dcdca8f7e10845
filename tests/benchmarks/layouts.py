"""Ten thousand locations read, checked and numbered, beside json.load of the same floor.

The floor is what nobody can do without: the bare bytes of the JSON file as Python values. Memory is
what a 20 x 50 x 3 layout, its locations and its plan add to a process that has read none.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from gateway.layoutfile import read_layout

RUNS, ROWS = 5, 10_000
PARAMETRIC = "blocks:\n  - {id: A, aisles: 20, bays: 50, blocks: 2, levels: 5}\n"
THREE_BLOCKS = """
blocks:
  - {id: A, aisles: 20, bays: 50, blocks: 3, levels: 5}
nodes:
  - {id: DEPOT, x: 0, y: -2, kind: depot}
edges:
  - {u: DEPOT, v: A-x0-01}
"""
MEMORY = """
import gc, os, random, sys
from pathlib import Path
from gateway.layoutfile import read_layout
from routing.tour import tour

def resident():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

before = resident()
layout = read_layout(Path(sys.argv[1]))
bays = [node.id for node in layout.nodes.values() if node.kind == "bay"]
for seed in range(3):
    assert tour(layout, "DEPOT", random.Random(seed).sample(bays, 40), "DEPOT").optimal
print(resident(), before)
"""


def rows() -> list[tuple[str, float, float, str]]:
    """(path, ours, floor, bar): seconds of a load, and megabytes of a layout with its plan."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_loads(Path(folder)), _memory(Path(folder))]


def _loads(folder: Path) -> list[tuple[str, float, float, str]]:
    data = free(ROWS)
    files = {"big.json": json.dumps(data), "big.yaml": as_yaml(data), "blocks.yaml": PARAMETRIC}
    for name, text in files.items():
        (folder / name).write_text(text)
    labels = {
        "big.json": "layout of 10,000 locations, JSON, all free",
        "big.yaml": "layout of 10,000 locations, YAML, all free",
        "blocks.yaml": "layout of 10,000 locations, YAML, parametric",
    }
    return [
        (label, *_load(folder / name, folder / "big.json"), "<= 2 s")
        for name, label in labels.items()
    ]


def _load(file: Path, same: Path) -> tuple[float, float]:
    def ours() -> None:
        layout = read_layout(file)
        assert layout.version and layout.arcs

    def floor() -> None:
        with same.open() as opened:
            json.load(opened)

    runs = [(_seconds(ours), _seconds(floor)) for _ in range(RUNS)]
    ours_s, floor_s = (median(run) for run in zip(*runs, strict=True))
    return ours_s, floor_s


def _memory(folder: Path) -> tuple[str, float, float, str]:
    file = folder / "three.yaml"
    file.write_text(THREE_BLOCKS)
    asked = [sys.executable, "-c", MEMORY, str(file)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    after, before = map(float, told.split())
    return "20 x 50 x 3 read, planned, walked: MB, and before", after, before, "+ <= 150 MB"


def free(rows: int) -> dict[str, list[dict[str, Any]]]:
    """A tree of nodes on a grid, a location on each, nothing parametric."""
    chance = random.Random(rows)
    ends = [(chance.randrange(max(0, i - 50), i), i) for i in range(1, rows)]
    return {
        "nodes": [
            {"id": f"N{i}", "x": i % 100, "y": i // 100 + 0.5, "kind": "bay"} for i in range(rows)
        ],
        "edges": [{"u": f"N{u}", "v": f"N{v}", "length_m": 1.5} for u, v in ends],
        "locations": [{"code": f"L-{i}", "node": f"N{i}", "side": "left"} for i in range(rows)],
    }


def as_yaml(data: dict[str, list[dict[str, Any]]]) -> str:
    """As people write it: a row a line."""
    lines = []
    for key, held in data.items():
        lines.append(f"{key}:\n")
        lines += ["  - {" + ", ".join(f"{k}: {v}" for k, v in row.items()) + "}\n" for row in held]
    return "".join(lines)


def _seconds(work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def main() -> None:
    for label, ours, floor, bar in rows():
        print(f"{label}: {ours:.2f}, {floor:.3f}, {ours / floor:.1f}x ({bar})")


if __name__ == "__main__":
    main()
