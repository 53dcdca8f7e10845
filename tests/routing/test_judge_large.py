"""Long pick lists: exact where the issue says so, certified by subtour cuts over HiGHS.

One to three blocks with the usual and unusual requests of a day, and every undirected sort of small
frontier with most of its nodes to be picked from.
"""

from pathlib import Path
from random import Random

import pytest

from tests.routing.judge import faults, told
from tests.routing.reference_best import FAR, Asked, Data, miles, steps
from tests.routing.reference_floors import UNDIRECTED, block, renamed
from tests.routing.reference_mip import certified
from tests.routing.reference_requests import nodes_of, today

WIDE = ("mesh",)  # nobody promises an exact answer there


def long_list(chance: Random, data: Data, most: int) -> Asked:
    nodes = nodes_of(data)
    start = chance.choice(nodes)
    picks = chance.sample(nodes, min(len(nodes), chance.randint(most // 2, most)))
    end = start if chance.random() < 0.6 else chance.choice(nodes)
    return Asked(start=start, end=end, picks=(*picks, *picks[:2]), **today(chance, data))


def shortest(data: Data, asked: Asked, claimed: float) -> int:
    """Certified; a walk of the claimed metres exists, or the walk itself will be at fault."""
    if set(asked.closed_nodes) & {asked.start, asked.end, *asked.picks}:
        return FAR
    nodes, far = [asked.start, *dict.fromkeys(asked.picks), asked.end], miles(steps(data, asked))
    table = [[far(u, v) for v in nodes] for u in nodes]
    if max(table[0]) >= FAR:
        return FAR
    return certified(table, round(claimed * 1000))


def wrong(folder: Path, data: Data, asked: list[Asked]) -> list[tuple[str, object, object]]:
    return [
        (fault, question.json(), answer)
        for question, answer in zip(asked, told(folder, data, asked), strict=True)
        for fault in faults(
            data, question, answer, shortest(data, question, answer.get("length_m", FAR))
        )
    ]


@pytest.mark.parametrize(("blocks", "aisles", "bays"), [(1, 12, 20), (2, 10, 8), (3, 8, 5)])
def test_a_long_list_in_an_ordinary_warehouse(
    blocks: int, aisles: int, bays: int, tmp_path: Path
) -> None:
    chance = Random(f"{blocks} blocks")
    data = renamed(chance, block(chance, blocks, aisles, bays))
    assert wrong(tmp_path, data, [long_list(chance, data, 40) for _ in range(6)]) == []


@pytest.mark.parametrize("sort", [sort for sort in UNDIRECTED if sort not in WIDE])
def test_most_of_an_unusual_floor(sort: str, tmp_path: Path) -> None:
    chance = Random(f"most of {sort}")
    data = renamed(chance, UNDIRECTED[sort](chance))
    assert wrong(tmp_path, data, [long_list(chance, data, 26) for _ in range(8)]) == []
