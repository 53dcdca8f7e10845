"""Turns what pydantic found into the place in the file, a sentence and a guess at what was
meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from devices.map.connections import CLEAR_TEXT
from devices.map.text import UNREADABLE, MapError, Part, Path, Spot, spot_of
from devices.map.units import short


def unknown(key: str, known: Iterable[object]) -> str:
    return "there is no such key here" + hint(key, known)


def hint(name: object, known: Iterable[object]) -> str:
    """` (did you mean 'scale'?)`, or nothing when no known name is near."""
    near = get_close_matches(str(name), [str(one) for one in known], n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def explain(error: Any, kind: Any, tree: Part, path: Path) -> MapError:
    """One of `ValidationError.errors()` about `tree`, which stands at `path` and should be a
    `kind`."""
    loc = error["loc"]
    steps = _in_file(tree, loc)
    spot, reason = spot_of(tree, steps), str(error["msg"]).removeprefix("Value error, ")
    match error["type"]:
        case "extra_forbidden":
            spot = spot_of(tree, steps, key=True)
            reason = unknown(str(loc[-1]), _keys(_at(kind, loc[:-1])))
        case "missing" | "union_tag_not_found":
            steps = [*steps, *_discriminator(error), *_missing(error)]
            spot, reason = _spot_of_parent(tree, steps[:-1]), "is missing"
        case "union_tag_invalid":
            steps = [*steps, *_discriminator(error)]
            spot = spot_of(tree, steps)
            reason = _choice(error["ctx"]["tag"], error["ctx"]["expected_tags"])
        case "literal_error":
            reason = _choice(error["input"], error["ctx"]["expected"])
        case other:
            reason = _plainly(other, error.get("ctx", {})) or reason
    code = "DM118" if reason.startswith(CLEAR_TEXT) else UNREADABLE
    return MapError(spot, (*path, *steps), reason, code)


TYPES: Final = {
    "model_type": "a block of keys", "dict_type": "a block of keys", "list_type": "a list",
    "tuple_type": "a list", "string_type": "text", "bool_type": "true or false",
    "int_type": "a whole number", "float_type": "a number", "int_from_float": "a whole number",
    "finite_number": "a finite number",
}  # fmt: skip
BOUNDS: Final = {
    "greater_than_equal": ("at least", "ge"), "less_than_equal": ("at most", "le"),
    "greater_than": ("more than", "gt"), "less_than": ("less than", "lt"),
}  # fmt: skip


def _plainly(kind: str, context: Any) -> str | None:
    if kind in TYPES:
        return f"must be {TYPES[kind]}"
    if kind in BOUNDS:
        words, limit = BOUNDS[kind]
        return f"must be {words} {context[limit]}"
    if kind == "string_pattern_mismatch":
        return f"must look like {context['pattern']}"
    return None


def _in_file(tree: Part, loc: Iterable[Any]) -> list[Any]:
    """The steps that are keys of the file: names of union members are not."""
    steps: list[Any] = []
    here: Part | None = tree
    for step in loc:
        inside = here.step(step) if here else None
        if inside is not None:
            steps.append(step)
            here = inside
    return steps


def _missing(error: Any) -> list[Any]:
    return [error["loc"][-1]] if error["type"] == "missing" else []


def _discriminator(error: Any) -> list[str]:
    if error["type"] == "missing":
        return []
    name = str(error["ctx"]["discriminator"]).strip("'")
    return ["style" if name.endswith("()") else name]


def _spot_of_parent(tree: Part, steps: list[Any]) -> Spot:
    return spot_of(tree, steps, key=True)


def _choice(value: object, expected: str) -> str:
    names = [one.strip(" '<>") for one in expected.replace(" or ", ", ").split(", ")]
    told = str(value).strip("<>")
    return f"{short(told)} is none of {', '.join(names)}" + hint(told, names)


def _at(kind: Any, loc: Iterable[Any]) -> Any:
    for step in loc:
        kind = _inside(kind, step)
    return kind


def _inside(kind: Any, step: Any) -> Any:
    """The annotation one step further down: a field, a member of a union, what a dict holds."""
    if _is_model(kind):
        fields = kind.model_fields.items()
        return next((f.annotation for name, f in fields if (f.alias or name) == step), None)
    args = get_args(kind)
    if get_origin(kind) is Annotated:
        return _inside(args[0], step)
    if get_origin(kind) in (Union, UnionType):
        named = [one for one in args if step in _member_names(one)]
        found = named or [_inside(one, step) for one in args if one is not type(None)]
        return next((one for one in found if one is not None), None)
    return args[-1] if args else None


def _member_names(member: Any) -> list[str]:
    tags = [one.tag for one in get_args(member)[1:] if isinstance(one, Tag)]
    if _is_model(member):
        for name in ("kind", "type"):
            if name in member.model_fields:
                tags += get_args(member.model_fields[name].annotation)
    return tags


def _keys(kind: Any) -> list[str]:
    if get_origin(kind) is Annotated:
        return _keys(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [key for one in get_args(kind) for key in _keys(one)]
    if not _is_model(kind):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
