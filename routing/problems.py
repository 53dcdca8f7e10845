"""What is wrong with a layout: sentences that know which place of the data they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

Path = tuple[str | int, ...]  # ("edges", 3, "v"): the steps from the top of the data
MOST_HINTS = 20  # each compares a name with every other: a second for 20 of 10,000


class Problem(str):
    """A sentence for people. path: what it is about, so that a reader of files finds the line."""

    path: Path

    def __new__(cls, sentence: str, path: Path = ()) -> Problem:
        problem = super().__new__(cls, sentence)
        problem.path = path
        return problem

    def __getnewargs__(self) -> tuple[str, Path]:  # type: ignore[override]
        return str(self), self.path


class Problems(list[str]):
    """Every problem of one run."""

    def __init__(self) -> None:
        super().__init__()
        self._hints = 0

    def note(self, path: Path, name: str, what: str, *, key: str | None = None) -> None:
        """path: of the row; name: its id; key: the one that is wrong, if it is one."""
        where = f"{shown(path)} {name}".strip()
        self.append(
            Problem(f"{where}: {what}" if where else what, path if key is None else (*path, key))
        )

    def hint(self, name: object, known: Iterable[object]) -> str:
        """` (did you mean B1?)`, or nothing when no known name is near."""
        self._hints += 1
        if self._hints > MOST_HINTS:
            return ""
        near = get_close_matches(str(name), map(str, known), n=1, cutoff=0.6)
        return f" (did you mean {near[0]}?)" if near else ""


def shown(path: Path) -> str:
    """`layouts[0].edges[3]`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")
