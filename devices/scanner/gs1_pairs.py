"""Which GS1 identifiers need each other on one item, and which must not meet."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from devices.scanner.gs1 import Element
from devices.scanner.gs1_table import TABLE, Ai


def together(elements: Sequence[Element], beside: Sequence[Element] = ()) -> tuple[str, ...]:
    """What is wrong with these elements as a whole, in words.

    beside: those of other codes on the same item: a lot number alone in its code is well with the
    GTIN in the code next to it.
    """
    codes = tuple([element[0] for element in elements])
    problems = _of_codes(codes, tuple([element[0] for element in beside]))
    return problems if len(set(codes)) == len(codes) else problems + _repeated(elements)


@lru_cache(maxsize=256)
def _of_codes(codes: tuple[str, ...], beside: tuple[str, ...]) -> tuple[str, ...]:
    """A site has few kinds of labels, so each is judged once."""
    known = [TABLE[code] for code in dict.fromkeys(codes) if code in TABLE]
    present = frozenset(codes + beside)
    return tuple(problem for ai in known for problem in _of_one(ai, present))


def _of_one(ai: Ai, present: frozenset[str]) -> Iterable[str]:
    if ai.needs and not any(_all_there(one, present) for one in ai.needs):
        yield f"({ai.code}) {ai.title} needs {_or(ai.needs)} beside it"
    for pattern in ai.never:
        for other in sorted(_MEANT[pattern] & present - {ai.code}):
            yield f"({ai.code}) {ai.title} must not stand beside ({other})"


def _all_there(patterns: tuple[str, ...], present: frozenset[str]) -> bool:
    return not any(_MEANT[pattern].isdisjoint(present) for pattern in patterns)


def _meant(pattern: str) -> frozenset[str]:
    """`31nn`: every identifier of four digits that begins with 31."""
    start, size = pattern.rstrip("n"), len(pattern)
    return frozenset(code for code in TABLE if code.startswith(start) and len(code) == size)


_MEANT: Final = {
    pattern: _meant(pattern)
    for ai in TABLE.values()
    for pattern in (*ai.never, *(one for group in ai.needs for one in group))
}


def _or(alternatives: tuple[tuple[str, ...], ...]) -> str:
    return " or ".join(" with ".join(f"({code})" for code in one) for one in alternatives)


def _repeated(elements: Sequence[Element]) -> tuple[str, ...]:
    values: dict[str, set[str]] = {}
    for ai, value, _ in elements:
        values.setdefault(ai, set()).add(value)
    return tuple(f"({ai}) has {len(v)} values" for ai, v in values.items() if len(v) > 1)
