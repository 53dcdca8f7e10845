"""Batches: a thousand candidate batches priced at once beside one warm pick path, and how far from
the best known a hundred orders are after four seconds.

Seconds are processor time, because a search that is pushed aside searches less. The best known
lengths stand in `tests/routing/batch_instances.py`; `--best` looks for better ones for as long as
one likes (`python -m tests.benchmarks.batching --best 120`).
"""

import random
import sys
from collections.abc import Iterator
from statistics import median
from time import process_time

import numpy as np

from routing.batch import batch
from routing.batch.pricing import Sweep
from routing.plan import plan_for
from routing.tour import tour
from routing.weights import AS_BUILT
from tests.benchmarks.processor import time_is_up
from tests.routing.batch_instances import KNOWN, Instance, warehouse

RUNS, CANDIDATES, ORDERS, PICKS, LIMIT_S = 5, 1000, 4, 10, 4.0
Row = tuple[str, float | str, float | str, str]


def rows() -> Iterator[Row]:
    for blocks in (1, 2):
        priced, path = priced_beside_one_path(blocks)
        label = f"1000 batches of 40 picks priced, {blocks} block(s); one warm path, one block"
        yield label, priced, path, "<= 80x"
    gaps = [gap(instance, LIMIT_S) for instance in KNOWN if instance.best_mm]
    if not gaps:
        return
    told = f"mean {sum(gaps) / len(gaps):.2f} %"
    yield f"{len(gaps)} times 100 orders after 4 s, above best", told, "", "<= 1 %"
    yield "the worst of them", f"{max(gaps):.2f} %", "", "<= 3 %"


def priced_beside_one_path(blocks: int) -> tuple[float, float]:
    """Seconds for 1000 batches of four orders of ten picks, and for one path of 40 picks."""
    chance = random.Random(blocks)
    layout, single = warehouse(blocks, 20, 50), warehouse(1, 20, 50)
    bays = [node.id for node in layout.nodes.values() if node.kind == "bay"]
    picks = [{layout.number[n] for n in chance.sample(bays, PICKS)} for _ in range(100)]
    depot = layout.number["depot"]
    plan = plan_for(layout, depot, depot)
    assert plan is not None
    sweep = Sweep(layout, plan, AS_BUILT, (depot, depot), picks)
    sets = [chance.sample(range(100), ORDERS) for _ in range(CANDIDATES)]
    asked = np.array(sets, dtype=np.int32)
    shelves = [node.id for node in single.nodes.values() if node.kind == "bay"]
    lists = [chance.sample(shelves, ORDERS * PICKS) for _ in range(20)]

    def pricing() -> None:
        sweep.lengths(asked)

    def paths() -> None:
        for one in lists:
            tour(single, "depot", one, "depot")

    pricing()
    paths()
    pairs = [(seconds(pricing), seconds(paths) / len(lists)) for _ in range(RUNS)]
    priced, path = (median(run) for run in zip(*pairs, strict=True))
    return priced, path


def seconds(work: object) -> float:
    begun = process_time()
    work()  # type: ignore[operator]
    return process_time() - begun


def gap(instance: Instance, limit_s: float) -> float:
    """Percent above the best known."""
    return 100 * (length_mm(instance, limit_s) / instance.best_mm - 1)


def length_mm(instance: Instance, limit_s: float) -> int:
    found = batch(
        instance.layout(),
        instance.wanted(),
        instance.capacity,
        unit=instance.unit,
        depot="depot",
        deadline=time_is_up(limit_s),
    )
    return found.length_mm


def main() -> None:
    if sys.argv[1:2] == ["--best"]:
        for instance in KNOWN:
            found = length_mm(instance, float(sys.argv[2]))
            print(f"{instance}: {found} mm, known {instance.best_mm}", flush=True)
        return
    for label, ours, floor, bar in rows():
        print(f"{label}: {ours} {floor} ({bar})", flush=True)


if __name__ == "__main__":
    main()
