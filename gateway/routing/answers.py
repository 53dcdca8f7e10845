"""Questions answered: one JSON object each, an answer or `{error, nodes, reason}`."""

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

from gateway.routing.questions import BadQuestion, PathQuestion, asked
from routing.errors import RoutingError, UnknownEdge
from routing.layout import Layout
from routing.tour import Tour, tour

Answer = dict[str, Any]
Answerer = Callable[[Layout, "str | bytes"], Answer]
NAMES = {
    "UnknownNode": "unknown_node",
    "Unreachable": "unreachable",
    "PrecedenceCycle": "precedence_cycle",
}


def path(layout: Layout, text: str | bytes) -> Answer:
    """The answer to a `PathQuestion` in JSON; a deadline counts from here."""
    began = monotonic()
    try:
        question = asked(PathQuestion, text)
        found = tour(layout, question.start, question.picks, question.end, **_how(question, began))
    except BadQuestion as err:
        return refusal("bad_request", (), str(err))
    except RoutingError as err:
        return refused(err)
    return path_answer(found)


def path_answer(found: Tour) -> Answer:
    return {
        "walk": found.walk,
        "visit_order": found.order,
        "length_m": found.length_mm / 1000,
        "seconds": getattr(found, "seconds", None),
        "optimal": found.optimal,
        "lower_bound_m": found.lower_bound_mm / 1000,
        "method": found.method,
        "walked_m": getattr(found, "walked_mm", found.length_mm) / 1000,
        "layout_version": found.layout_version,
    }


def refusal(error: str, nodes: Iterable[str], reason: str) -> Answer:
    return {"error": error, "nodes": list(nodes), "reason": reason}


def refused(err: RoutingError) -> Answer:
    """An edge that is not there is a bad request that names its nodes: each of them exists."""
    if isinstance(err, UnknownEdge):
        return refusal("bad_request", sorted({n for ends in err.edges for n in ends}), str(err))
    name = NAMES.get(type(err).__name__, "bad_request")
    return refusal(name, getattr(err, "nodes", ()), str(err))


def time_is_up(ms: float | None, began: float) -> Callable[[], bool] | None:
    if ms is None:
        return None
    end = began + ms / 1000
    return lambda: monotonic() >= end


def _how(question: PathQuestion, began: float) -> Mapping[str, Any]:
    """What was asked for beyond the plain path, as arguments of `tour`."""
    given = {
        "precedence": question.precedence,
        "groups": question.groups,
        "closed": question.closed_nodes,
        "blocked": question.blocked_edges,
        "factors": {(u, v): factor for u, v, factor in question.edge_factor},
        "policy": question.policy,
        "iterations": question.iterations,
        "deadline": time_is_up(question.deadline_ms, began),
    }
    return {name: value for name, value in given.items() if value}
