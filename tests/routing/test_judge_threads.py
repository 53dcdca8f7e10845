"""A layout may be shared by threads: each search sees its own snapshot, whatever others cache."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from routing import graph
from routing.errors import RoutingError
from routing.graph import Distances
from routing.layout import Layout, layout_from
from routing.tour import tour
from tests.routing.reference_best import Asked
from tests.routing.reference_floors import SORTS
from tests.routing.reference_requests import request

THREADS, QUESTIONS = 4, 25


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads change places all the time, and hardly a row of distances is kept."""
    monkeypatch.setattr(graph, "CACHED_BYTES", 2000)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def answer(layout: Layout, asked: Asked) -> object:
    try:
        return tour(
            layout,
            asked.start,
            asked.picks,
            asked.end,
            precedence=asked.precedence,
            groups=asked.groups,
            closed=asked.closed_nodes,
            blocked=asked.blocked_edges,
            factors={(u, v): factor for u, v, factor in asked.edge_factor},
            objective="seconds" if len(asked.picks) % 2 else "metres",
            iterations=3,
        )
    except RoutingError as err:
        return str(err)


@pytest.mark.parametrize("sort", ["two blocks", "two one-ways"])
def test_threads_get_the_answers_of_one(sort: str, hurried: None) -> None:
    chance = Random(f"threads on {sort}")
    data = SORTS[sort](chance)
    asked = [request(chance, data) for _ in range(QUESTIONS)]
    alone = layout_from(data, "floor")
    expected = [answer(alone, question) for question in asked]
    shared = layout_from(data, "floor")
    mixed = chance.choices(range(QUESTIONS), k=THREADS * QUESTIONS)
    with ThreadPoolExecutor(THREADS) as threads:
        answers = [*threads.map(lambda k: answer(shared, asked[k]), mixed)]
    assert answers == [expected[k] for k in mixed]


def test_rows_that_another_thread_drops_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = layout_from(SORTS["two blocks"](Random(1)), "floor")
    known = Distances(layout)
    known.rows([0])
    searched = known._searched

    def dropped_meanwhile(sources: list[int]) -> object:
        known._rows.clear()
        return searched(sources)

    monkeypatch.setattr(known, "_searched", dropped_meanwhile)
    assert known.rows([0, 1]) == Distances(layout).rows([0, 1])
