"""The other YAML files of a site, read with the same care as its device map."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from devices.map.explain import explain
from devices.map.load import MapErrors
from devices.map.reading import read_file
from devices.map.text import plain

Model = TypeVar("Model", bound=BaseModel)


def load_as(model: type[Model], file: Path) -> Model:
    """A YAML file as a checked model. Raises MapErrors with every error of the run."""
    tree, errors = read_file(file)
    if tree is None:
        raise MapErrors(errors)
    try:
        made = model.model_validate(plain(tree))
    except ValidationError as failed:
        told = [explain(one, model, tree, ()) for one in failed.errors(include_url=False)]
        raise MapErrors([*errors, *told]) from failed
    if errors:
        raise MapErrors(errors)
    return made
