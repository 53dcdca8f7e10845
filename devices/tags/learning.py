"""What the refusals of a device teach: which addresses it does not have, and how much it gives at
once. Pure; it outlives a connection, not the process."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.map.schema import RegisterTag
from devices.map.units import Span
from devices.tags.plan import Block, Limits, halves


@dataclass(slots=True)
class Memory:
    """Of one unit of a line."""

    holes: set[Span] = field(default_factory=set)
    """Addresses that it does not have."""
    most_registers: int = 125
    most_bits: int = 2000
    no_single_bits: bool = False
    """It does not know how to write one bit of a register."""
    pulses: set[str] = field(default_factory=set)
    """Tags that were switched on for a moment and perhaps not yet off."""

    def within(self, limits: Limits) -> Limits:
        return Limits(
            limits.max_gap,
            min(limits.max_registers, self.most_registers),
            min(limits.max_bits, self.most_bits),
            (*limits.forbidden, *sorted(self.holes)),
        )


@dataclass(slots=True)
class _Cut:
    """A refused block in two: what was wrong lies in one of them, or between them."""

    left: Block
    right: Block
    waiting: set[Block]


class Learning:
    """Of one device. `news` is true once the blocks could be planned better than they are."""

    def __init__(self, memory: Memory, tags: Mapping[str, RegisterTag]) -> None:
        self._memory, self._tags = memory, tags
        self._cuts: list[_Cut] = []
        self.news = False

    @property
    def curious(self) -> bool:
        """Whether an answer could be news."""
        return bool(self._cuts or self._memory.holes)

    def missing(self, block: Block) -> bool:
        """One tag, where the device is known to have nothing."""
        return len(block.tags) == 1 and _span(block) in self._memory.holes

    def refused(self, block: Block) -> list[Block]:
        """The parts to read instead; none when it is one tag that the device does not have."""
        self._cuts = [cut for cut in self._cuts if block not in cut.waiting]
        parts = halves(block, self._tags)
        if parts:
            self._cuts.append(_Cut(parts[0], parts[1], set(parts)))
        elif _span(block) not in self._memory.holes:
            self._memory.holes.add(_span(block))
            self.news = True
        return parts

    def answered(self, block: Block) -> None:
        if self.missing(block):
            self._memory.holes.discard(_span(block))
            self.news = True
        for cut in [cut for cut in self._cuts if block in cut.waiting]:
            cut.waiting.discard(block)
            if not cut.waiting:
                self._cuts.remove(cut)
                self._between(cut)

    def _between(self, cut: _Cut) -> None:
        """Both halves are there: what lies between them is not, or it was too much at once."""
        first, last = cut.left.first + cut.left.count, cut.right.first - 1
        memory, most = self._memory, max(cut.left.count, cut.right.count)
        if first <= last:
            memory.holes.add(Span(cut.left.table, first, last))
        elif cut.left.table in ("ir", "hr"):
            memory.most_registers = min(memory.most_registers, most)
        else:
            memory.most_bits = min(memory.most_bits, most)
        self.news = True


def _span(block: Block) -> Span:
    return Span(block.table, block.first, block.first + block.count - 1)
