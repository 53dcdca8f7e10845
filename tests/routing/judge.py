"""The judge: asks `wedge route`, and holds each answer against the slow reference.

`faults` says in words what is wrong with an answer; an answer without faults is right.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gateway.cli import app
from tests.routing.reference_best import FAR, Asked, best, culprits, cycles, serving, steps
from tests.routing.reference_requests import nodes_of

Data = dict[str, Any]
Answer = dict[str, Any]
ROOT = Path(__file__).parents[2]
FILE = "layout.json"
METHODS = {"shortest_path", "sweep", "held_karp", "local_search"}
KEYS = {"walk", "visit_order", "length_m", "seconds", "optimal", "lower_bound_m", "method"}


def told(
    folder: Path, data: Data, requests: Sequence[Asked | Data], command: str = "route"
) -> list[Answer]:
    """The answers of the command to a stream of requests, in order; in this process."""
    asked = _stream(folder, data, requests)
    done = CliRunner().invoke(app, [command, str(folder / FILE), "-"], input=asked)
    return _answers(requests, done.exit_code, done.stdout, done.stderr)


def told_alone(
    folder: Path, data: Data, requests: Sequence[Asked | Data], command: str = "route"
) -> list[Answer]:
    """The same by a process of its own, that has seen nothing before."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", command, str(folder / FILE), "-"],
        cwd=ROOT,
        input=_stream(folder, data, requests),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return _answers(requests, done.returncode, done.stdout, done.stderr)


def _stream(folder: Path, data: Data, requests: Sequence[Asked | Data]) -> str:
    (folder / FILE).write_text(json.dumps(data), encoding="utf-8")
    rows = (r.json() if isinstance(r, Asked) else r for r in requests)
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _answers(requests: Sequence[object], code: int, out: str, err: str) -> list[Answer]:
    assert (code, err) == (0, ""), err[-2000:]
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(requests)
    return answers


def faults(data: Data, asked: Asked, answer: Answer, shortest: int | None = None) -> list[str]:
    """shortest: the certified optimum in mm, where somebody has found it already.

    Every answer must be optimal: the caller asks only what the issue promises to be exact.
    """
    unknown = _unknown(data, asked)
    if unknown:
        return list(_error(answer, "unknown_node", unknown))
    if cycles(asked.precedence):
        tail = {asked.picks[i] for i in cycles(asked.precedence)}
        return list(_error(answer, "precedence_cycle", tail))
    mm = best(data, asked) if shortest is None else shortest
    if mm >= FAR:
        named = culprits(data, asked) or set(answer.get("nodes", ())) or {"somebody"}
        return list(_error(answer, "unreachable", named))
    if "error" in answer:
        return [f"{answer['error']} where a walk of {mm} mm exists: {answer.get('reason')}"]
    return [*walk_faults(data, asked, answer), *_claims(answer, mm)]


def walk_faults(data: Data, asked: Asked, answer: Answer) -> Iterator[str]:
    """What can be said without knowing the optimum."""
    if not answer.keys() >= KEYS:
        yield f"keys are missing: {KEYS - answer.keys()}"
        return
    walk, open_steps = answer["walk"], steps(data, asked)
    if (walk[0], walk[-1]) != (asked.start, asked.end):
        yield f"from {walk[0]} to {walk[-1]} instead of {asked.start} to {asked.end}"
    if set(walk) & set(asked.closed_nodes):
        yield "enters a closed node"
    wrong = [step for step in pairwise(walk) if step not in open_steps]
    if wrong:
        yield f"steps that nobody can take: {wrong}"
    length = sum(open_steps.get(step, 0) for step in pairwise(walk))
    if abs(answer["length_m"] * 1000 - length) > 1e-6:
        yield f"says {answer['length_m']} m, walks {length / 1000} m"
    if not isinstance(answer["seconds"], int | float) or answer["seconds"] < 0:
        yield f"seconds: {answer['seconds']}"
    yield from _order_faults(asked, answer)


def _order_faults(asked: Asked, answer: Answer) -> Iterator[str]:
    order, walk = answer["visit_order"], iter(answer["walk"])
    expected = serving(asked, answer["walk"])
    if not asked.groups and list(dict.fromkeys(order)) != list(dict.fromkeys(expected)):
        yield f"serves {order}, the walk passes {expected}"
    missing = set(asked.picks) - set(order)
    if missing:
        yield f"not served: {missing}"
    here = next(walk)
    for node in order:
        while here != node:
            here = next(walk, None)
            if here is None:
                yield f"{node} is not passed in this order"
                return
    more = [node for node in order if node not in asked.picks]
    if any(not set(row) & set(order) for row in asked.groups):
        yield f"a group without a visit: {order}"
    if len(more) > len(asked.groups) or set(more) - {n for row in asked.groups for n in row}:
        yield f"serves what nobody asked for: {more}"
    first, last = ({n: k for k, n in list(enumerate(order))[::way]} for way in (-1, 1))
    for i, j in asked.precedence:
        u, v = asked.picks[i], asked.picks[j]
        if u in first and v in last and first[u] > last[v]:
            yield f"{v} is served before {u}"


def _claims(answer: Answer, shortest: int) -> Iterator[str]:
    length, bound = answer["length_m"] * 1000, answer["lower_bound_m"] * 1000
    if length > shortest + 1e-6:
        yield f"{length} mm where {shortest} mm is possible ({answer['method']})"
    if length < shortest - 1e-6:
        yield f"{length} mm, shorter than the optimum {shortest} mm: the reference is wrong?"
    if bound > shortest + 1e-6:
        yield f"the lower bound {bound} mm is above the optimum {shortest} mm"
    if answer["optimal"] is not True or abs(bound - length) > 1e-6:
        yield f"not said to be optimal: {answer['optimal']}, bound {bound} of {length}"
    if answer["method"] not in METHODS:
        yield f"method {answer['method']}"


def _error(answer: Answer, kind: str, nodes: set[str]) -> Iterator[str]:
    if answer.get("error") != kind:
        yield f"{answer.get('error', 'an answer')} instead of {kind} {sorted(nodes)}"
    elif set(answer["nodes"]) != nodes or len(answer["nodes"]) != len(nodes):
        yield f"{kind} names {answer['nodes']} instead of {sorted(nodes)}"
    elif not isinstance(answer.get("reason"), str) or not answer["reason"]:
        yield f"{kind} without a reason"


def _unknown(data: Data, asked: Asked) -> set[str]:
    named = {asked.start, asked.end, *asked.picks, *asked.closed_nodes}
    named |= {n for row in asked.groups for n in row}
    named |= {n for row in asked.blocked_edges for n in row}
    named |= {n for u, v, _ in asked.edge_factor for n in (u, v)}
    return named - set(nodes_of(data))
