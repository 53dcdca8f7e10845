"""The judge for as long as you like: `python -m tests.benchmarks.routing_judge --minutes 3`.

Floors and requests of every sort that nobody has seen before, each answer held against the slow
reference: paths, long lists, seconds, walking rules, searches and batches. Prints every fault with
its seed, and what was asked; ends with 1 when there was one.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from tests.routing import test_judge_batches as batches
from tests.routing import test_judge_large as large
from tests.routing import test_judge_policies as policies
from tests.routing import test_judge_search as search
from tests.routing import test_judge_seconds as in_seconds
from tests.routing.judge import faults, told
from tests.routing.reference_best import FAR, Asked, Data, best
from tests.routing.reference_floors import SORTS, UNDIRECTED, block, renamed
from tests.routing.reference_requests import nodes_of, precedence, request

Fault = tuple[str, object, object]


def paths(chance: Random, data: Data, folder: Path) -> Iterator[Fault]:
    asked = [request(chance, data, most=9) for _ in range(30)]
    asked += chance.sample(asked, 10)  # again, after others
    answers = told(folder, data, asked)
    for question, answer in zip(asked, answers, strict=True):
        for fault in faults(data, question, answer):
            yield fault, question.json(), answer
    first = {json.dumps(q.json()): a for q, a in zip(asked, answers, strict=True)}
    for question, answer in zip(asked, answers, strict=True):
        if first[json.dumps(question.json())] != answer:
            yield "another answer the second time", question.json(), answer


def long_lists(chance: Random, data: Data, folder: Path) -> Iterator[Fault]:
    yield from large.wrong(folder, data, [large.long_list(chance, data, 30) for _ in range(4)])


def seconds(chance: Random, data: Data, folder: Path) -> Iterator[Fault]:
    for edge in data["edges"]:
        if chance.random() < 0.2:
            edge["speed"] = chance.choice((0.5, 2.0))
    asked = [
        replace(
            request(chance, data, most=6),
            more={"objective": objective, "pace": chance.choice(in_seconds.PACES)},
        )
        for objective in chance.choices(("seconds", "metres"), (3, 1), k=15)
    ]
    for question, answer in zip(asked, told(folder, data, asked), strict=True):
        for fault in in_seconds.faults(data, question, answer):
            yield fault, question.json(), answer


def rules(chance: Random, data: Data, folder: Path) -> Iterator[Fault]:
    plain = [request(chance, data) for _ in range(10)]
    asked = [
        replace(one, groups=(), precedence=(), more={"policy": chance.choice(policies.POLICIES)})
        for one in plain
    ]
    for question, answer in zip(asked, told(folder, data, asked), strict=True):
        if "error" not in answer:
            for fault in policies.faults(data, question, answer):
                yield fault, question.json(), answer
        elif answer["error"] == "unreachable" and best(data, question) < FAR:
            yield "unreachable, but a walk exists", question.json(), answer


def searches(chance: Random, data: Data, folder: Path) -> Iterator[Fault]:
    """At most 16 stops, so that every subset can be tried."""
    nodes = nodes_of(data)
    if len(nodes) < 13:
        return
    picks = tuple(chance.sample(nodes, min(len(nodes), chance.randint(12, 16))))
    order = tuple(
        (i, j) for i, j in precedence(chance, len(picks), chance.choice((0.02, 0.1, 0.4))) if i != j
    )
    asked = Asked(start=picks[0], end=picks[0], picks=picks, precedence=order)
    (answer,) = told(folder, data, [asked])
    if "error" not in answer:
        for gap in search.gaps(folder, data, [asked]):
            if gap > search.WORST:
                yield f"{100 * gap - 100:.1f} % above the optimum", asked.json(), answer


def carts(chance: Random, data: Data, folder: Path) -> Iterator[Fault]:
    asked = [batches.question(chance, data) for _ in range(6)]
    for question, answer in zip(asked, told(folder, data, asked, "batch"), strict=True):
        for fault in batches.faults(data, question, answer):
            yield fault, question, answer


PARTS: dict[str, Callable[[Random, Data, Path], Iterator[Fault]]] = {
    "paths": paths,
    "long lists": long_lists,
    "seconds": seconds,
    "rules": rules,
    "searches": searches,
    "carts": carts,
}


def floor(chance: Random, part: str) -> Data:
    if part == "long lists":
        if chance.random() < 0.3:
            return renamed(chance, block(chance, chance.randint(1, 3), chance.randint(3, 9), 5))
        sorts = [sort for sort in UNDIRECTED if sort not in large.WIDE]
        return renamed(chance, UNDIRECTED[chance.choice(sorts)](chance))
    return renamed(chance, SORTS[chance.choice([*SORTS])](chance))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=PARTS, action="append")
    given = parser.parse_args()
    until, seed, floors, wrong = monotonic() + 60 * given.minutes, given.seed, Counter[str](), 0
    with TemporaryDirectory() as name:
        while monotonic() < until:
            chance = Random(seed)
            part = chance.choice(given.only or [*PARTS])
            for fault, asked, answer in PARTS[part](chance, floor(chance, part), Path(name)):
                print(f"seed {seed}, {part}: {fault}\n    {asked}\n    {answer}", flush=True)
                wrong += 1
            floors[part] += 1
            seed += 1
    print(f"seeds {given.seed} to {seed - 1}: {dict(floors)} floors, {wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
