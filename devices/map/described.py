"""What the models say of themselves: docstrings of classes and, below each field, of fields."""

import ast
import inspect
import textwrap
from functools import cache

from pydantic import BaseModel


@cache
def fields_of(model: type[BaseModel]) -> dict[str, str]:
    """Attribute -> the text that stands below it, in one line; those of base classes too."""
    told: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            told |= _texts(base)
    return told


def about(model: type[BaseModel]) -> str:
    """The docstring of the class itself, in one line."""
    return " ".join((model.__dict__.get("__doc__") or "").split())


@cache
def _texts(model: type[BaseModel]) -> dict[str, str]:
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(found, ast.ClassDef)
    told: dict[str, str] = {}
    for field, below in zip(found.body, found.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            told[field.target.id] = " ".join(str(below.value.value).split())
    return told
