"""Judges a finished run: what the witnesses saw against the seed's story and our own books. Pure.

verdict = judge(plan(seed, orders), sorting, witness, ours, faults)
print(json.dumps(verdict.result))
sys.exit(0 if verdict.passed else 1)
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from simulators.director.judge_floor import Cartons, Fault, Sorting
from simulators.director.judge_orders import OrderEnds
from simulators.director.judge_stock import StockBooks
from simulators.story import Story

Witness = Mapping[str, Any]
"""`world`, `shop`, `erp`, `carrier`: what each says of itself (`GET /witness` of the director)."""


class Ours(TypedDict):
    """What we say of ourselves.

    books: `GET /api/books`. waiting, parked: messages in the outbox that have not arrived.
    """

    books: dict[str, Any]
    waiting: int
    parked: int
    replay_identical: bool
    decision_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons`: why the run did not pass, in words. `named`: differences that have a name."""

    result: dict[str, Any]
    reasons: list[str]
    named: list[str]

    @property
    def passed(self) -> bool:
        return not self.reasons


def judge(
    story: Story,
    sorting: Sorting,
    witness: Witness,
    ours: Ours,
    faults: Sequence[Fault] = (),
    safety_stock: int = 0,
) -> Verdict:
    books = ours["books"]
    orders = OrderEnds(story, {row["number"]: row for row in books["orders"]}, witness)
    cartons = Cartons(witness, sorting, faults, cancelled_cartons(books, witness))
    stock = StockBooks(books, witness, safety_stock)
    off, duplicates = list(stock.reasons()), list(_duplicates(witness))
    result = {
        **orders.counts(),
        **cartons.counts(),
        "messages_delivered": _delivered(witness),
        "duplicates_at_host": len(duplicates),
        "books_balance": not off,
        "replay_identical": ours["replay_identical"],
        "decision_ms": ours["decision_ms"],
    }
    reasons = [*orders.reasons(), *cartons.reasons(), *off, *duplicates, *_loose_ends(ours)]
    return Verdict({**result, "faults": len(faults)}, reasons, stock.named_differences())


def unfinished(story: Story, witness: Witness, ours: Ours) -> list[str]:
    """What a run still waits for, in words; empty: it can be judged."""
    orders = OrderEnds(story, {row["number"]: row for row in ours["books"]["orders"]}, witness)
    found = [*orders.unfinished()]
    for carton in witness["world"]["cartons"]:
        if carton["contents"] and not carton["out"]:
            found.append(f"carton {carton['lpn']} is at {carton['place']}")
    if undelivered := witness["shop"].get("undelivered"):
        found.append(f"{undelivered} webhooks of the shop have not arrived")
    if ours["waiting"]:
        found.append(f"{ours['waiting']} messages have not arrived")
    return found


def cancelled_cartons(books: Witness, witness: Witness) -> frozenset[str]:
    """Plates of cartons whose order the shop cancelled."""
    orders = witness["shop"]["orders"]
    gone = {number for number, order in orders.items() if order["status"] == "cancelled"}
    return frozenset(
        row["lpn"] for row in books["cartons"] if row["order"].rpartition(":")[2] in gone
    )


def _duplicates(witness: Witness) -> Iterator[str]:
    """What a host had to act on twice, or backwards."""
    for host in ("shop", "erp", "carrier"):
        yield from witness[host]["duplicates"]
    yield from witness["shop"]["backwards"]


def _delivered(witness: Witness) -> int:
    return sum(int(witness[host]["host"]["acted"]) for host in ("shop", "erp", "carrier"))


def _loose_ends(ours: Ours) -> Iterator[str]:
    if ours["waiting"]:
        yield f"{ours['waiting']} messages have not arrived"
    if ours["parked"]:
        yield f"{ours['parked']} messages were given up and wait for a person"
    if not ours["replay_identical"]:
        yield "the replay differs from what happened"
