"""Which GS1 identifiers need each other on one item, and which must not meet."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

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


@lru_cache(maxsize=4096)
def _of_codes(codes: tuple[str, ...], beside: tuple[str, ...]) -> tuple[str, ...]:
    """A site has few kinds of labels, so each is judged once."""
    present = [code for code in dict.fromkeys(codes + beside) if code in TABLE]
    known = [TABLE[code] for code in dict.fromkeys(codes) if code in TABLE]
    return tuple(problem for ai in known for problem in _of_one(ai, present))


def _of_one(ai: Ai, present: list[str]) -> Iterable[str]:
    if ai.needs and not any(_all_there(one, present) for one in ai.needs):
        yield f"({ai.code}) {ai.title} needs {_or(ai.needs)} beside it"
    for pattern in ai.never:
        for other in present:
            if other != ai.code and _fits(other, pattern):
                yield f"({ai.code}) {ai.title} must not stand beside ({other})"


def _all_there(codes: tuple[str, ...], present: list[str]) -> bool:
    return all(any(_fits(other, code) for other in present) for code in codes)


def _fits(code: str, pattern: str) -> bool:
    return len(code) == len(pattern) and code.startswith(pattern.rstrip("n"))


def _or(alternatives: tuple[tuple[str, ...], ...]) -> str:
    return " or ".join(" with ".join(f"({code})" for code in one) for one in alternatives)


def _repeated(elements: Sequence[Element]) -> tuple[str, ...]:
    values: dict[str, set[str]] = {}
    for ai, value, _ in elements:
        values.setdefault(ai, set()).add(value)
    return tuple(f"({ai}) has {len(v)} values" for ai, v in values.items() if len(v) > 1)
