"""Which blocks of registers to read: as few requests as addresses and limits allow. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from devices.map.schema import RegisterTag
from devices.map.units import Span, Table

MOST_BITS: Final = 2000
"""Coils or inputs in one request (MODBUS Application Protocol 1.1b3, 6.1)."""


@dataclass(frozen=True, slots=True)
class Block:
    """One read request and the tags that it fills."""

    table: Table
    first: int
    count: int
    every_s: float | None
    """None: once per connection."""
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    max_gap: int = 8
    """Registers nobody wants, read to save a request."""
    max_registers: int = 120
    max_bits: int = MOST_BITS
    forbidden: tuple[Span, ...] = ()
    """No block touches these, but for a tag that lies there: it is a block of its own."""


def plan(tags: Mapping[str, RegisterTag], limits: Limits) -> list[Block]:
    """Blocks that cover every readable tag once, each with tags of one table and one poll class.

    O(n log n). A tag wider than `max_registers` is a block of its own.
    """
    readable = {name: tag for name, tag in tags.items() if tag.access != "w"}
    return blocks(readable, readable, limits)


def blocks(
    names: Iterable[str], tags: Mapping[str, RegisterTag], limits: Limits, *, mixed: bool = False
) -> list[Block]:
    """Blocks over just these tags; `mixed` reads poll classes together."""

    def group(name: str) -> tuple[str, float]:
        tag = tags[name]
        every_s = tag.poll.every_s
        return tag.at.table, 0.0 if mixed or every_s is None else every_s

    found: list[Block] = []
    for _, grouped in groupby(sorted(names, key=group), key=group):
        inside = sorted(grouped, key=lambda name: tags[name].at.address)
        found += [_block(run, tags) for run in _runs(inside, tags, limits)]
    return found


def _runs(names: list[str], tags: Mapping[str, RegisterTag], limits: Limits) -> Iterable[list[str]]:
    """Neighbours in the order of their addresses, cut at wide gaps, at the limit, and at what is
    forbidden."""
    fences = _Fences(limits.forbidden)
    run: list[str] = []
    first = end = 0
    for name in names:
        tag = tags[name]
        most = limits.max_registers if tag.at.table in ("ir", "hr") else limits.max_bits
        last = tag.at.address + tag.words
        wide = tag.at.address - end > limits.max_gap or max(end, last) - first > most
        if run and (wide or fences.between(tag.at.table, first, max(end, last))):
            yield run
            run = []
        if not run:
            first, end = tag.at.address, 0
        run.append(name)
        end = max(end, last)
    if run:
        yield run


class _Fences:
    """Forbidden spans by table, in order: whether a range touches one is a matter of O(log n)."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._ends: dict[Table, list[tuple[int, int]]] = {}
        for span in sorted(spans):
            merged = self._ends.setdefault(span.table, [])
            if merged and span.first <= merged[-1][0] + 1:
                merged[-1] = (max(merged[-1][0], span.last), merged[-1][1])
            else:
                merged.append((span.last, span.first))

    def between(self, table: Table, first: int, end: int) -> bool:
        """Whether any of first..end-1 is forbidden."""
        spans = self._ends.get(table, [])
        place = bisect_left(spans, (first, 0))
        return place < len(spans) and spans[place][1] < end


def _block(names: list[str], tags: Mapping[str, RegisterTag]) -> Block:
    first = tags[names[0]].at
    end = max(tags[name].at.address + tags[name].words for name in names)
    every_s = tags[names[0]].poll.every_s
    return Block(first.table, first.address, end - first.address, every_s, tuple(names))


def halves(block: Block, tags: Mapping[str, RegisterTag]) -> list[Block]:
    """The block in two parts, for a device that refused part of it; one tag cannot be split."""
    names = list(block.tags)
    if len(names) < 2:
        return []
    middle = len(names) // 2
    return [_block(part, tags) for part in (names[:middle], names[middle:])]
