"""What may be asked of routing, as JSON; strict: what we do not know is a mistake, said in words.

A path: {"start": "DEPOT", "end": "DEPOT", "picks": ["A-01-003", ...]} and what the models below
allow beside. Batches: {"depot": "DEPOT", "orders": [["A-01-003", ...], ...], "capacity": 4}.
"""

from codecs import BOM_UTF8
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

MISTAKES = 5


class BadQuestion(Exception):
    """The text is not a question that we know; the words say why."""


def _text(value: object) -> object:
    """Ids may be written as whole numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Id = Annotated[str, BeforeValidator(_text), Field(min_length=1, max_length=200)]
Ends = Annotated[tuple[Id, Id], BeforeValidator(_pair)]
Factor = Annotated[float, Field(gt=0, le=1e6)]
EdgeFactor = Annotated[tuple[Id, Id, Factor], BeforeValidator(_pair)]
Pair = Annotated[tuple[int, int] | tuple[str, str], BeforeValidator(_pair)]
Group = Annotated[list[Id], Field(min_length=1)]
Policy = Literal["s_shape", "return", "midpoint", "largest_gap", "combined"]
PaceKey = Literal["walk_mm_s", "aisle_entry_ms", "turn_ms", "stop_ms", "pick_ms", "lift_wait_ms"]
PaceValue = Annotated[int, Field(ge=0, le=3_600_000)]


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    iterations: Annotated[int, Field(ge=0, le=10**9)] | None = None
    """Of a search: the same number gives the same answer on any machine."""
    deadline_ms: Annotated[float, Field(ge=0, le=3.6e6)] | None = None
    """The best that is found in this time; counted from when the question was read."""
    blocked_edges: list[Ends] = []
    closed_nodes: list[Id] = []
    edge_factor: list[EdgeFactor] = []
    pace: dict[PaceKey, PaceValue] = {}
    """How fast people are, in whole millimetres per second and milliseconds: `routing.pace`."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None}


class PathQuestion(Question):
    start: Id
    end: Id
    picks: list[Id]
    precedence: list[Pair] = []
    """Pairs of positions in `picks`, from 0 (or of ids): the first is served before the second."""
    groups: list[Group] = []
    """Of each group exactly one is visited, besides all picks."""
    policy: Policy | None = None
    objective: Literal["metres", "seconds"] = "metres"
    sides: Literal["both", "one"] = "both"
    user: Literal["people", "amr"] | None = None
    explain: bool = False
    """Also say why the walk goes this way, aisle by aisle, and what a walking rule would cost."""
    replan: bool = False
    """Under way: `start` is where the picker is, `picks` what remains, in the present order, which
    changes only for a real gain."""

    @model_validator(mode="after")
    def _a_rule_is_not_planned_anew(self) -> Self:
        if self.replan and self.policy:
            raise ValueError("replan keeps or changes an order, a policy has one of its own")
        return self


class BatchQuestion(Question):
    depot: Id
    orders: list[list[Id]]
    capacity: Annotated[int, Field(ge=1)]
    """How many orders, or items (picks), one batch holds."""
    capacity_unit: Literal["orders", "items"] = "orders"
    exact: bool = False


Q = TypeVar("Q", bound=Question)


def asked(kind: type[Q], text: str | bytes) -> Q:
    """Raises BadQuestion."""
    if isinstance(text, bytes):
        text = text.removeprefix(BOM_UTF8)
    if not text.strip():
        raise BadQuestion("an empty line; a request is one JSON object on one line")
    try:
        return kind.model_validate_json(text)
    except ValidationError as err:
        found = err.errors(include_url=False, include_input=False)
        words = dict.fromkeys(_in_words(kind, dict(one)) for one in found)
        more = f"; and {len(words) - MISTAKES} more" if len(words) > MISTAKES else ""
        raise BadQuestion("; ".join([*words][:MISTAKES]) + more) from err


def _in_words(kind: type[Question], mistake: Mapping[str, Any]) -> str:
    place = _place(mistake["loc"])
    match mistake["type"]:
        case "json_invalid":
            return f"not JSON: {mistake['ctx']['error']}"
        case "model_type":
            return f"{place or 'a request'} must be a JSON object"
        case "extra_forbidden":
            return f"unknown key {place} ({_known(kind, place)})"
        case "missing":
            return f"{place} is missing"
        case "string_type":
            return f"{place} must be an id: text or a whole number"
        case "list_type" | "tuple_type":
            return f"{place} must be a list"
        case "too_short" | "too_long":
            return f"{place} has {mistake['ctx']['actual_length']} members, {_allowed(mistake)}"
        case _:
            said = mistake["msg"]
            return f"{place}: {said[:1].lower()}{said[1:]}"


def _place(loc: tuple[int | str, ...]) -> str:
    """`edge_factor[3][2]`; what pydantic adds for the members of a union is left out."""
    named = [f".{part}" if isinstance(part, str) else f"[{part}]" for part in loc]
    kept = (part for part in named if not part.startswith((".tuple", ".[key]")))
    return "".join(kept).removeprefix(".")[:200]


def _known(kind: type[Question], misspelt: str) -> str:
    near = get_close_matches(misspelt, kind.model_fields, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(kind.model_fields)}"


def _allowed(mistake: Mapping[str, Any]) -> str:
    least, most = (mistake["ctx"].get(name) for name in ("min_length", "max_length"))
    return f"at most {most}" if least is None else f"at least {least}"
