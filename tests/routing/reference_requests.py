"""Requests at random, with everything that a request may say, on any floor."""

from random import Random
from typing import Any

from tests.routing.reference_best import Asked, Data

FACTORS = (0.5, 1.5, 2, 3, 7)


def nodes_of(data: Data) -> list[str]:
    return [str(row["id"]) for row in data["nodes"]]


def request(chance: Random, data: Data, most: int = 7) -> Asked:
    """Mostly few picks; repeats, start, end and junctions among them."""
    nodes = nodes_of(data)
    start = chance.choice(nodes)
    end = start if chance.random() < 0.5 else chance.choice(nodes)
    picks = tuple(chance.choice(nodes) for _ in range(chance.randint(0, most)))
    rows: dict[str, Any] = {"start": start, "end": end, "picks": picks}
    if chance.random() < 0.3:
        rows["groups"] = groups(chance, nodes, chance.randint(1, 2))
    if chance.random() < 0.3:
        rows["precedence"] = precedence(chance, len(picks))
    return Asked(**rows, **today(chance, data))


def today(chance: Random, data: Data) -> dict[str, Any]:
    """What is blocked, closed and crowded; on some days nothing is."""
    ends = [(str(edge["u"]), str(edge["v"])) for edge in data["edges"]]
    rows: dict[str, Any] = {}
    if ends and chance.random() < 0.4:
        cut = chance.sample(ends, chance.randint(1, min(3, len(ends))))
        rows["blocked_edges"] = tuple(chance.choice((e, e[::-1])) for e in cut)
    if chance.random() < 0.2:
        nodes = nodes_of(data)
        rows["closed_nodes"] = tuple(chance.sample(nodes, chance.randint(1, min(2, len(nodes)))))
    if ends and chance.random() < 0.3:
        crowd = {frozenset(e): e for e in chance.sample(ends, chance.randint(1, min(4, len(ends))))}
        rows["edge_factor"] = tuple(
            (*chance.choice((e, e[::-1])), chance.choice(FACTORS)) for e in crowd.values()
        )
    return rows


def groups(chance: Random, nodes: list[str], n: int) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(chance.choices(nodes, k=chance.randint(1, 4))) for _ in range(n))


def precedence(chance: Random, n: int, share: float = 0.25) -> tuple[tuple[int, int], ...]:
    """Any partial order over n picks; now and then it bites its own tail."""
    order = chance.sample(range(n), n)
    pairs = [(i, j) for k, i in enumerate(order) for j in order[k + 1 :]]
    kept = [pair for pair in pairs if chance.random() < share]
    if kept and chance.random() < 0.1:
        kept.append(kept[0][::-1])
    return tuple(kept)
