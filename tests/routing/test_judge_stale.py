"""The same question has the same answer, whatever was asked before: no cache may show.

One floor whose edges are blocked, opened and crowded from line to line; asked in this order, in
another one, twice, and each by a process of its own.
"""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.routing.judge import faults, told, told_alone
from tests.routing.reference_best import Asked, Data
from tests.routing.reference_floors import SORTS, block, renamed
from tests.routing.reference_requests import nodes_of, request, today

FLOORS = ("three blocks", "floors and lifts", "mesh", "two one-ways")


def a_day(chance: Random, data: Data) -> list[Asked]:
    """A few lists of picks under many states of the floor: each comes back unchanged later on."""
    lists = [request(chance, data, most=6) for _ in range(4)]
    days = [today(chance, data) for _ in range(6)]
    clear = {"blocked_edges": (), "closed_nodes": (), "edge_factor": ()}
    asked = [replace(one, **clear | day) for one in lists for day in [*days, {}]]
    chance.shuffle(asked)
    return [*asked, *asked[:8]]


@pytest.mark.parametrize("sort", FLOORS)
def test_an_answer_does_not_depend_on_what_was_asked_before(sort: str, tmp_path: Path) -> None:
    chance = Random(f"stale on {sort}")
    data = renamed(chance, SORTS[sort](chance))
    asked = a_day(chance, data)
    answers = told(tmp_path, data, asked)

    assert [f for q, a in zip(asked, answers, strict=True) for f in faults(data, q, a)] == []
    assert told_alone(tmp_path, data, asked[::-1]) == answers[::-1]
    alone = chance.randrange(len(asked))
    assert told_alone(tmp_path, data, [asked[alone]]) == [answers[alone]]


def test_a_long_list_does_not_remember_either(tmp_path: Path) -> None:
    """By plan, by distances and by search, before and after each other."""
    chance = Random("long memory")
    data = block(chance, 2, 6, 6)
    nodes, asked = nodes_of(data), list[Asked]()
    for length in (3, 11, 14, 30):
        picks = tuple(chance.sample(nodes, length))
        plain = Asked(start="depot", end=chance.choice(("depot", picks[0])), picks=picks)
        asked += [replace(plain, **today(chance, data)) for _ in range(4)]
        order = tuple((i, i + 1) for i in range(0, length - 1, 2))
        asked.append(replace(plain, precedence=order, more={"iterations": 200}))
    chance.shuffle(asked)
    answers = told(tmp_path, data, asked)

    assert told_alone(tmp_path, data, asked[::-1]) == answers[::-1]
    alone = next(k for k, q in enumerate(asked) if q.precedence and len(q.picks) == 30)
    assert told_alone(tmp_path, data, [asked[alone]]) == [answers[alone]]
