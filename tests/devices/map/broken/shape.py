"""A broken map is `good.yaml` with one thing replaced, and perhaps a line at its end."""

from typing import NamedTuple


class Broken(NamedTuple):
    name: str
    old: str
    new: str
    said: tuple[str, ...]
    """Every line that `wedge check` says of it, without the name of the file."""
    tail: str = ""
