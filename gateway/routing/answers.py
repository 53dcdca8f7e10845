"""Questions answered: one JSON object each, an answer or `{error, nodes, reason}`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any
from weakref import WeakSet

from gateway.routing.questions import BadQuestion, BatchQuestion, PathQuestion, Question, asked
from gateway.routing.written import as_written
from routing.errors import PrecedenceCycle, RoutingError, UnknownEdge, UnknownNode, Unreachable
from routing.explain import explained
from routing.floor import NodeId
from routing.layout import Layout
from routing.orders import Deadline
from routing.pace import Pace
from routing.policies import Policy
from routing.replan import replanned
from routing.request import node_of
from routing.tour import Tour, tour, warm
from routing.weights import Ends

Answer = dict[str, Any]
COMPARISON: Policy = "s_shape"
_warmed: WeakSet[Layout] = WeakSet()


@dataclass(frozen=True, slots=True)
class Told:
    """tours: what the answer is about, none when it is an error; with what was closed for them."""

    answer: Answer
    tours: tuple[Tour, ...] = ()
    blocked: tuple[tuple[NodeId, NodeId], ...] = ()
    closed: tuple[NodeId, ...] = ()


Answerer = Callable[[Layout, str | bytes], Told]


def path(layout: Layout, text: str | bytes) -> Told:
    """The answer to a `PathQuestion` in JSON; its deadline counts from when it has been read."""
    return _tried(text, lambda: _path(layout, text))


def batches(layout: Layout, text: str | bytes) -> Told:
    """The answer to a `BatchQuestion` in JSON; its deadline counts from when it has been read."""
    return _tried(text, lambda: _batches(layout, text))


def refusal(error: str, nodes: Iterable[str], reason: str) -> Answer:
    return {"error": error, "nodes": list(nodes), "reason": reason}


def refused(err: RoutingError) -> Answer:
    """An edge that is not there is a bad request that names its nodes: each of them exists."""
    match err:
        case UnknownNode():
            return refusal("unknown_node", err.nodes, str(err))
        case Unreachable():
            return refusal("unreachable", err.nodes, str(err))
        case PrecedenceCycle():
            return refusal("precedence_cycle", err.nodes, str(err))
        case UnknownEdge():
            ends = sorted({node for edge in err.edges for node in edge})
            return refusal("bad_request", ends, str(err))
        case _:
            return refusal("bad_request", getattr(err, "nodes", ()), str(err))


def _tried(text: str | bytes, answer: Callable[[], Told]) -> Told:
    try:
        told = answer()
    except BadQuestion as err:
        told = Told(refusal("bad_request", (), str(err)))
    except RoutingError as err:
        told = Told(refused(err))
    return replace(told, answer=as_written(told.answer, text))


def _path(layout: Layout, text: str | bytes) -> Told:
    question = asked(PathQuestion, text)
    how = dict(_common(layout, question, question.start))
    how |= {"objective": question.objective, "user": question.user}
    answered = _under_way if question.replan else _best
    found, more = answered(layout, question, how)
    answer = _path_answer(found) | more
    if question.explain:
        closed, blocked = question.closed_nodes, question.blocked_edges
        beside = None if question.policy else _by_rule(layout, question, how)
        answer["explanation"] = explained(
            layout, found, closed=closed, blocked=blocked, beside=beside
        )
    return _told(answer, [found], question)


def _best(layout: Layout, question: PathQuestion, how: Mapping[str, Any]) -> tuple[Tour, Answer]:
    """By the site's rule, if it has one."""
    found = tour(
        layout,
        question.start,
        question.picks,
        question.end,
        precedence=question.precedence,
        groups=question.groups,
        policy=question.policy,
        sides=question.sides,
        **how,
    )
    return found, {}


def _under_way(
    layout: Layout, question: PathQuestion, how: Mapping[str, Any]
) -> tuple[Tour, Answer]:
    found = replanned(
        layout,
        question.start,
        question.picks,
        question.end,
        groups=question.groups,
        precedence=[_named(pair, question.picks) for pair in question.precedence],
        **how,
    )
    told = {"kept": found.kept, "reason": found.reason, "unreachable": found.unreachable}
    return found.tour, told


def _named(pair: Sequence[int | str], picks: Sequence[str]) -> tuple[str, str]:
    """Raises BadQuestion."""
    wrong = [end for end in pair if isinstance(end, int) and not 0 <= end < len(picks)]
    if wrong:
        raise BadQuestion(f"precedence names pick {wrong[0]} of {len(picks)}, the first is 0")
    first, then = (picks[end] if isinstance(end, int) else end for end in pair)
    return first, then


def _by_rule(layout: Layout, question: PathQuestion, how: Mapping[str, Any]) -> Tour | None:
    """The same picks as people walk without a plan; None where that rule says nothing."""
    with suppress(RoutingError):
        return tour(layout, question.start, question.picks, question.end, policy=COMPARISON, **how)
    return None


def _path_answer(found: Tour) -> Answer:
    answer = {
        "walk": found.walk,
        "visit_order": found.order,
        "length_m": found.length_mm / 1000,
        "seconds": found.seconds,
        "optimal": found.optimal,
        "lower_bound_m": found.lower_bound_mm / 1000,
        "method": found.method,
        "walked_m": found.walked_mm / 1000,
        "layout_version": found.layout_version,
    }
    if found.lower_bound_s is not None:
        answer["lower_bound_s"] = found.lower_bound_s
    return answer


def _batches(layout: Layout, text: str | bytes) -> Told:
    from routing.batch import Order, batch  # numpy, which a path does without

    question = asked(BatchQuestion, text)
    found = batch(
        layout,
        [Order(id=str(n), picks=picks) for n, picks in enumerate(question.orders)],
        question.capacity,
        depot=question.depot,
        unit=question.capacity_unit,
        exact=question.exact,
        **_common(layout, question, question.depot),
    )
    if found.left_out:
        reasons = [f"order {one.order}: {one.reason}" for one in found.left_out]
        return Told(refusal("bad_request", (), "; ".join(reasons)))
    answer = {
        "batches": [[int(order) for order in held] for held in found.batches],
        "orders_of_visit": [
            _visited(layout, [pick for order in held for pick in question.orders[int(order)]], one)
            for held, one in zip(found.batches, found.tours, strict=True)
        ],
        "length_m": found.length_mm / 1000,
        "lower_bound_m": found.lower_bound_mm / 1000,
        "optimal": found.optimal,
        "method": found.method,
        "layout_version": layout.version,
    }
    return _told(answer, found.tours, question)


def _visited(layout: Layout, picks: Iterable[str], found: Tour) -> list[str]:
    """The picks, each once and as it was named, in the order in which the walk serves them."""
    at = {node_of(layout, place): n for n, place in reversed([*enumerate(found.order)])}
    return sorted(dict.fromkeys(picks), key=lambda pick: at.get(node_of(layout, pick), -1))


def _told(answer: Answer, tours: Iterable[Tour], question: Question) -> Told:
    return Told(answer, tuple(tours), tuple(question.blocked_edges), tuple(question.closed_nodes))


def _common(layout: Layout, question: Question, home: str) -> Mapping[str, Any]:
    return {
        "closed": question.closed_nodes,
        "blocked": question.blocked_edges,
        "factors": _factors(question),
        "pace": Pace(**question.pace),
        "iterations": question.iterations,
        "deadline": time_is_up(question.deadline_ms, _begun(layout, question, home)),
    }


def _factors(question: Question) -> Mapping[Ends, float]:
    """Raises BadQuestion for an edge with two of them."""
    factors: dict[Ends, float] = {}
    for u, v, factor in question.edge_factor:
        if factors.setdefault((u, v), factor) != factor:
            raise BadQuestion(f"edge_factor has {u}-{v} twice, {factors[u, v]:g} and {factor:g}")
    return factors


def _begun(layout: Layout, question: Question, home: str) -> float:
    """Now. What the first search on a layout would wait for, imports and the plan, up to a second,
    comes ahead of a deadline."""
    if question.deadline_ms is not None and layout not in _warmed:
        import numpy  # noqa: F401
        import scipy.sparse.csgraph  # noqa: F401

        with suppress(RoutingError):
            warm(layout, home)
        _warmed.add(layout)
    return monotonic()


def time_is_up(ms: float | None, began: float) -> Deadline | None:
    """Whether so much time has passed since `began` on the monotonic clock."""
    if ms is None:
        return None
    end = began + ms / 1000
    return lambda: monotonic() >= end
