"""Walking rules through `wedge route`: whole walks that serve all, never shorter than the optimum,
and of the length that the rule's own words give on a floor where they can be counted."""

from pathlib import Path
from random import Random

import pytest

from tests.routing.judge import told, walk_faults
from tests.routing.reference_best import FAR, Asked, best
from tests.routing.reference_floors import SORTS, Sketch, block, renamed
from tests.routing.reference_requests import request

POLICIES = ("s_shape", "return", "midpoint", "largest_gap", "combined")
HALLS = {1: 4, 2: 4, 3: 3}


def faults(data: dict[str, object], asked: Asked, answer: dict[str, object]) -> list[str]:
    found = [*walk_faults(data, asked, answer)]
    shortest, length = best(data, asked), float(str(answer["length_m"])) * 1000
    if answer["method"] != asked.more["policy"]:
        found.append(f"method {answer['method']}")
    if length < shortest - 1e-6 or float(str(answer["lower_bound_m"])) * 1000 > shortest + 1e-6:
        found.append(f"{length} mm, bound {answer['lower_bound_m']} m, optimum {shortest} mm")
    if answer["optimal"] and length > shortest + 1e-6:
        found.append(f"optimal: {length} mm where {shortest} mm is possible")
    return found


@pytest.mark.parametrize("blocks", HALLS)
def test_every_rule_walks_an_ordinary_hall(blocks: int, tmp_path: Path) -> None:
    chance = Random(f"policies {blocks}")
    data = renamed(chance, block(chance, blocks, HALLS[blocks], 4))
    plain = [request(chance, data) for _ in range(8)]
    asked = [
        Asked(
            start=one.start, end=one.end, picks=one.picks, more={"policy": policy, "sides": sides}
        )
        for one in plain
        for policy in POLICIES
        for sides in ("both", "one")
    ]
    answers = told(tmp_path, data, asked)
    assert [
        (fault, question.json(), answer)
        for question, answer in zip(asked, answers, strict=True)
        for fault in faults(data, question, answer)
    ] == []


@pytest.mark.parametrize("sort", SORTS)
def test_a_rule_walks_any_floor_or_says_in_words_why_not(sort: str, tmp_path: Path) -> None:
    """Closed ways, too: nothing is skipped, and no walk goes through a wall."""
    chance = Random(f"rules on {sort}")
    data = renamed(chance, SORTS[sort](chance))
    plain = [request(chance, data, most=6) for _ in range(20)]
    asked = [
        Asked(
            start=one.start,
            end=one.end,
            picks=one.picks,
            blocked_edges=one.blocked_edges,
            closed_nodes=one.closed_nodes,
            more={"policy": chance.choice(POLICIES)},
        )
        for one in plain
    ]
    for question, answer in zip(asked, told(tmp_path, data, asked), strict=True):
        if "error" in answer:
            assert answer["error"] in ("bad_request", "unreachable"), (question.json(), answer)
            assert answer["error"] == "bad_request" or best(data, question) >= FAR
            assert answer["reason"]
        else:
            assert faults(data, question, answer) == [], (question.json(), answer)


def test_s_shape_and_return_are_what_their_names_say(tmp_path: Path) -> None:
    """Aisles of 9 bays, 1 m apart, 3 m between the aisles, the depot at the front of the first."""
    drawn, chance = Sketch(), Random("names")
    for aisle in range(6):
        drawn.node(f"f{aisle}", 3 * aisle, 0, **({} if aisle else {"kind": "depot"}))
        drawn.node(f"r{aisle}", 3 * aisle, 10)
        drawn.aisle(f"f{aisle}", f"r{aisle}", 9, f"b{aisle}")
        for end in "fr" if aisle else "":
            drawn.edge(f"{end}{aisle - 1}", f"{end}{aisle}", kind="cross")
    lists = [
        sorted({(chance.randrange(6), chance.randint(1, 9)) for _ in range(chance.randint(1, 12))})
        for _ in range(15)
    ]
    asked = [
        {
            "start": "f0",
            "end": "f0",
            "picks": [f"b{aisle}-{bay}" for aisle, bay in picks],
            "policy": policy,
        }
        for picks in lists
        for policy in ("s_shape", "return")
    ]
    answers = told(tmp_path, drawn.data(), asked)
    for picks, s_shape, return_ in zip(lists, answers[::2], answers[1::2], strict=True):
        deepest = {aisle: max(bay for a, bay in picks if a == aisle) for aisle, _ in picks}
        across, last = 2 * 3 * max(deepest), deepest[max(deepest)]
        crossed = 10 * len(deepest) if len(deepest) % 2 == 0 else 10 * (len(deepest) - 1) + 2 * last
        assert s_shape["length_m"] == across + crossed, (picks, s_shape)
        assert return_["length_m"] == across + 2 * sum(deepest.values()), (picks, return_)
