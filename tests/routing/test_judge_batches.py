"""`wedge batch` against every partition of the orders: each batch's walk is the best, the whole is
proved with `exact`, and honest without."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.routing.judge import told, told_alone
from tests.routing.reference_best import FAR, Asked, Data, miles, shortest_order, steps
from tests.routing.reference_floors import SORTS, renamed
from tests.routing.reference_requests import nodes_of

FLOORS = ("one block", "two blocks", "three blocks", "tunnels", "fishbone", "one-way aisles")
NEAR = 1.03


class Best:
    """Held and Karp for each set of orders, then every way to share them out."""

    def __init__(self, data: Data, asked: Data) -> None:
        blocked = tuple(map(tuple, asked.get("blocked_edges", ())))
        self.far = miles(steps(data, Asked(start="", end="", blocked_edges=blocked)))
        self.depot, self.orders = asked["depot"], asked["orders"]
        self.capacity, self.unit = asked["capacity"], asked.get("capacity_unit", "orders")

    def fits(self, members: list[int]) -> bool:
        sizes = [len(self.orders[k]) if self.unit == "items" else 1 for k in members]
        return sum(sizes) <= self.capacity

    def walk(self, members: list[int]) -> int:
        stops = dict.fromkeys(node for k in members for node in self.orders[k])
        rows = [(node,) for node in stops]
        return shortest_order(self.far, self.depot, rows, [()] * len(rows), self.depot)

    def whole(self) -> int:
        """The cheapest partition: by the lowest order left, every batch that it may be in."""
        n = len(self.orders)
        sets = {s: [k for k in range(n) if s >> k & 1] for s in range(1, 1 << n)}
        cost = {s: self.walk(members) for s, members in sets.items() if self.fits(members)}
        best = {0: 0}
        for left in range(1, 1 << n):
            low = left & -left
            options = (s for s in cost if s & low and s & left == s)
            best[left] = min((cost[s] + best[left ^ s] for s in options), default=FAR)
        return best[(1 << n) - 1]


def faults(data: Data, asked: Data, answer: Data) -> list[str]:
    if "error" in answer:
        return [str(answer)]
    best, found = Best(data, asked), list[str]()
    batches, length = answer["batches"], answer["length_m"] * 1000
    if sorted(k for held in batches for k in held) != [*range(len(asked["orders"]))]:
        found.append(f"not a partition: {batches}")
    found += [f"too much in {held}" for held in batches if not best.fits(held)]
    for held, visited in zip(batches, answer["orders_of_visit"], strict=True):
        if set(visited) != {node for k in held for node in asked["orders"][k]}:
            found.append(f"{held} visits {visited}")
    walked = sum(best.walk(held) for held in batches)
    if abs(walked - length) > 1e-6:
        found.append(f"says {length} mm, its batches walk {walked} mm at best")
    optimum, bound = best.whole(), answer["lower_bound_m"] * 1000
    if not bound <= optimum + 1e-6 <= length + 2e-6:
        found.append(f"bound {bound}, optimum {optimum}, length {length}")
    if answer["optimal"] is not (abs(bound - length) < 1e-6):
        found.append(f"optimal: {answer['optimal']}, bound {bound} of {length}")
    if asked.get("exact") and not answer["optimal"]:
        found.append(f"not proved: {bound} of {length}")
    if length > NEAR * optimum:
        found.append(f"{length} mm where {optimum} mm is possible")
    return found


def question(chance: Random, data: Data) -> dict[str, Any]:
    nodes, edges = nodes_of(data), [(str(e["u"]), str(e["v"])) for e in data["edges"]]
    far = miles(steps(data, Asked(start="", end="")))
    depot = max(nodes, key=lambda n: sum(far(n, m) < FAR and far(m, n) < FAR for m in nodes))
    near = [n for n in nodes if far(depot, n) < FAR and far(n, depot) < FAR]
    orders = [chance.choices(near, k=chance.randint(1, 3)) for _ in range(chance.randint(1, 6))]
    asked: dict[str, Any] = {"depot": depot, "orders": orders, "capacity": chance.randint(1, 4)}
    if chance.random() < 0.4:
        asked |= {"capacity_unit": "items", "capacity": chance.randint(3, 8)}
    if chance.random() < 0.5:
        asked["exact"] = True
    if edges and chance.random() < 0.3:
        blocked = [chance.choice(edges)]
        far = miles(steps(data, Asked(start="", end="", blocked_edges=tuple(blocked))))
        if all(max(far(depot, n), far(n, depot)) < FAR for row in orders for n in row):
            asked["blocked_edges"] = blocked
    return asked


@pytest.mark.parametrize("sort", FLOORS)
def test_every_batch_is_walked_best_and_the_whole_is_honest(sort: str, tmp_path: Path) -> None:
    chance = Random(f"batches on {sort}")
    data = renamed(chance, SORTS[sort](chance))
    asked = [question(chance, data) for _ in range(12)]
    answers = told(tmp_path, data, asked, "batch")
    assert [
        (fault, one, answer)
        for one, answer in zip(asked, answers, strict=True)
        for fault in faults(data, one, answer)
    ] == []


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    chance = Random("batches again")
    data = SORTS["two blocks"](chance)
    bays = [n for n in nodes_of(data) if n != "depot"]
    asked = [
        {
            "depot": "depot",
            "orders": [chance.choices(bays, k=3) for _ in range(25)],
            "capacity": 4,
            "iterations": 8,
            "blocked_edges": [[data["edges"][k]["u"], data["edges"][k]["v"]]] * (k % 2),
        }
        for k in range(4)
    ]
    answers = told(tmp_path, data, [*asked, *asked], "batch")
    assert answers[:4] == answers[4:] == told_alone(tmp_path, data, asked[::-1], "batch")[::-1]


FLOOR: dict[str, Any] = {
    "nodes": [{"id": n, "x": x, "y": 0} for x, n in enumerate("abcde")],
    "edges": [{"u": u, "v": v, "length_m": 1} for u, v in ("ab", "bc", "cd")],
}
FINE = {"depot": "a", "orders": [["b"], ["c", "d"]], "capacity": 2}


@pytest.mark.parametrize(
    ("change", "error", "nodes"),
    [
        ({"orders": [["b", "x"], ["y"], ["c"]]}, "unknown_node", ["x", "y"]),
        ({"depot": "z", "orders": [["y"]]}, "unknown_node", ["y", "z"]),
        ({"orders": [["b", "e"], ["c"]]}, "unreachable", ["e"]),
        ({"blocked_edges": [["b", "c"]]}, "unreachable", ["c", "d"]),
        ({"closed_nodes": ["c"]}, "unreachable", ["c", "d"]),
        ({"closed_nodes": ["a", "d"]}, "unreachable", ["a", "d"]),
        ({"capacity": 0}, "bad_request", None),
        ({"capacity": 1, "capacity_unit": "items"}, "bad_request", None),
        ({"capacity_unit": "litres"}, "bad_request", None),
        ({"orders": ["b"]}, "bad_request", None),
        ({"depot": None}, "bad_request", None),
    ],
)
def test_a_refusal_names_its_culprits(
    change: dict[str, Any], error: str, nodes: list[str] | None, tmp_path: Path
) -> None:
    (answer,) = told(tmp_path, FLOOR, [{**FINE, **change}], "batch")
    assert answer.get("error") == error, answer
    assert nodes is None or answer["nodes"] == nodes
    assert answer["reason"]


def test_nothing_to_do_and_orders_without_a_walk(tmp_path: Path) -> None:
    lists: list[list[list[str]]] = [
        [],
        [["b"], ["c", "d"]],
        [["a"]],
        [["a", "a"], [], ["b", "a"]],
    ]
    asked = [{**FINE, "orders": orders} for orders in lists]
    none, some, home, mixed = told(tmp_path, FLOOR, asked, "batch")
    assert (none["batches"], none["length_m"], none["optimal"]) == ([], 0, True)
    assert (some["batches"], some["length_m"]) == ([[0, 1]], 6)
    assert (home["batches"], home["length_m"], home["lower_bound_m"]) == ([[0]], 0, 0)
    assert (mixed["length_m"], mixed["lower_bound_m"], mixed["optimal"]) == (2, 2, True)
