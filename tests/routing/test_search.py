"""Searched orders: valid, near the certified optimum, repeatable, and stopped when time is up."""

from itertools import combinations, islice
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import beam
from routing.beam import grown
from routing.exchange import descended, shaken
from routing.orders import Stops, ordered, plain
from routing.rebuild import rebuilt
from routing.search import cost_of, paths
from routing.terms import Terms, backwards, nearest, terms_of, turned
from routing.weights import SHUT
from routing.window import within_window
from tests.routing.order_instances import BEST, Instance, instances
from tests.routing.order_questions import cheapest, questions, serves

CERTIFIED = [instance for instance in instances() if str(instance) in BEST]


def terms_for(stops: Stops) -> Terms:
    terms = terms_of(stops.table, stops.groups, stops.before)
    assert terms
    return terms


def instance(aisles: str, order: str, blocks: int = 2) -> Stops:
    return Instance(blocks, aisles, order).stops()


@settings(max_examples=60, deadline=None)
@given(questions(most=5, orderly=False))
def test_small_orders_are_found_exactly(stops: Stops) -> None:
    """Though nobody searches for what Held and Karp answer."""
    best, terms = cheapest(stops), terms_of(stops.table, stops.groups, stops.before)
    if terms is None:
        assert best == SHUT
        return
    *_, path = islice(paths(terms), 30)
    assert min(cost_of(terms, path), SHUT) == best
    assert best == SHUT or serves(stops, tuple(path[1:-1]))


@settings(max_examples=60, deadline=None)
@given(questions(most=5), st.randoms(use_true_random=False))
def test_all_taken_out_and_put_back_is_exact(stops: Stops, chance: Random) -> None:
    terms = terms_of(stops.table, stops.groups, stops.before)
    if terms is None:
        return
    loose = chance.sample(range(len(stops.groups)), chance.randint(1, len(stops.groups)))
    first = nearest(terms)
    path = rebuilt(terms, first, loose)
    assert serves(stops, tuple(path[1:-1]))
    assert cost_of(terms, path) <= cost_of(terms, first)
    kept = [stop for stop in first if terms.home[stop] not in loose]
    assert [stop for stop in path if stop in kept] == kept
    everything = rebuilt(terms, first, range(len(stops.groups)))
    assert min(cost_of(terms, everything), SHUT) == cheapest(stops)


@pytest.mark.parametrize(
    "question", [("some", "free"), ("two-way", "pairs 8"), ("some", "chains 4")]
)
def test_no_exchange_is_left_after_a_descent(question: tuple[str, str]) -> None:
    stops = instance(*question)
    terms = terms_for(stops)
    for start in (nearest(terms), turned(terms, nearest(backwards(terms)))):
        assert serves(stops, tuple(start[1:-1]))
        path = descended(terms, start)
        assert serves(stops, tuple(path[1:-1]))
        for a, b, c in combinations(range(1, len(path)), 3):
            if min(b - a, c - b) <= 10:
                other = path[:a] + path[b:c] + path[a:b] + path[c:]
                worse = cost_of(terms, other) >= cost_of(terms, path)
                assert worse or not serves(stops, tuple(other[1:-1]))


@settings(max_examples=60, deadline=None)
@given(questions(most=5))
def test_grown_with_room_for_every_state_it_is_exact(stops: Stops) -> None:
    """Five groups of three stops have no more states than the width."""
    terms = terms_of(stops.table, stops.groups, stops.before)
    if terms is None:
        return
    back = backwards(terms)
    for path in (grown(terms), turned(terms, grown(back) or [])):
        assert path and serves(stops, tuple(path[1:-1]))
        if max(map(len, stops.groups)) == 1:
            assert min(cost_of(terms, path), SHUT) == cheapest(stops)


def test_grown_wider_is_nearly_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    one = next(one for one in CERTIFIED if one.order.startswith("chains"))
    terms, best = terms_for(one.stops()), BEST[str(one)]
    monkeypatch.setattr(beam, "WIDTH", 3000)
    path = grown(terms)
    assert path and serves(one.stops(), tuple(path[1:-1]))
    assert cost_of(terms, path) <= 1.05 * best


def test_what_is_shaken_still_obeys() -> None:
    stops, chance = instance("two-way", "chains 5"), Random(0)
    terms = terms_for(stops)
    path = nearest(terms)
    others = [shaken(terms, path, chance) for _ in range(50)]
    assert all(serves(stops, tuple(other[1:-1])) for other in others)
    assert sum(other != path for other in others) > 25


@pytest.mark.parametrize(
    "question", [("some", "free"), ("two-way", "pairs 8"), ("some", "pairs 20")]
)
def test_paths_never_become_worse_and_are_the_same_again(question: tuple[str, str]) -> None:
    stops = instance(*question)
    terms = terms_for(stops)
    first = [*islice(paths(terms), 25)]
    costs = [cost_of(terms, path) for path in first]
    assert costs == sorted(costs, reverse=True)
    assert all(serves(stops, tuple(path[1:-1])) for path in first)
    assert first == [*islice(paths(terms_for(stops)), 25)]
    assert ordered(stops, iterations=7) == ordered(stops, iterations=7)


def test_near_the_optimum_after_sixty_iterations() -> None:
    gaps = []
    for instance in CERTIFIED[::4]:
        stops = instance.stops()
        found = ordered(stops, iterations=60)
        assert found and serves(stops, found.order)
        best = BEST[str(instance)]
        assert found.lower_bound <= best <= found.cost
        gaps.append(found.cost / best - 1)
    assert len(gaps) >= 15
    assert mean(gaps) < 0.005 and max(gaps) < 0.03


class Countdown:
    """A deadline that comes after so many questions."""

    def __init__(self, calls: int) -> None:
        self.calls, self.asked = calls, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self.calls


@pytest.mark.parametrize("calls", [0, 1, 5, 40])
def test_a_deadline_is_asked_often_and_obeyed(calls: int) -> None:
    for stops in (instance("some", "free"), instance("two-way", "chains 5")):
        late = Countdown(calls)
        found = ordered(stops, deadline=late)
        assert found and serves(stops, found.order)
        assert found.lower_bound <= found.cost
        assert late.asked <= calls + 5


def test_eighty_stops_on_a_floor_of_six_blocks() -> None:
    """Undirected, wider than the sweep; compared with ten times the work."""
    stops = _wide(80)
    quick, long = ordered(stops, iterations=100), ordered(stops, iterations=400)
    assert quick and long
    assert serves(stops, quick.order)
    assert long.cost <= quick.cost <= 1.02 * long.cost
    assert 0.95 * long.cost < long.lower_bound <= long.cost


def _wide(picks: int) -> Stops:
    """Aisles 3 m apart, cross-aisles 10 m apart; walking distances in closed form."""
    chance = Random(5)
    places = [(0, 0), *((chance.randrange(12), chance.randrange(60)) for _ in range(picks)), (0, 0)]

    def far(u: tuple[int, int], v: tuple[int, int]) -> int:
        (a, y), (b, z) = u, v
        if a == b:
            return abs(y - z) * 1000
        return 1000 * (3 * abs(a - b) + min(abs(y - c) + abs(z - c) for c in range(0, 61, 10)))

    return plain([[far(u, v) for v in places] for u in places])


def test_hundreds_of_stops_are_answered() -> None:
    stops = _wide(300)
    found = ordered(stops, iterations=1)
    assert found and serves(stops, found.order)


def test_what_cannot_be_served_is_none() -> None:
    table = [[0 if i == j else 5 for j in range(20)] for i in range(20)]
    each = plain(table).groups
    assert ordered(Stops(table, frozenset({(1, 2), (2, 3), (3, 1)}), each)) is None
    for i in range(19):
        table[i][7] = SHUT
    assert ordered(plain(table), iterations=5) is None
    assert ordered(plain(table), deadline=lambda: True) is None


def test_within_a_window_half_a_path_ahead_stays_ahead() -> None:
    stops = instance("two-way", "chains 5")
    terms = terms_for(stops)
    path = nearest(terms)
    better = within_window(terms, path)
    assert better and serves(stops, tuple(better[1:-1]))
    assert cost_of(terms, better) < cost_of(terms, path)
    at = {stop: place for place, stop in enumerate(better)}
    assert all(at[i] < at[j] for i, j in zip(path[1:-13], path[13:-1], strict=True))
    assert within_window(terms, better) is not None
    assert within_window(terms_for(instance("some", "free")), path) is None
