"""Parametric storage: a block of aisles x bays becomes plain nodes, edges and locations.

Aisles run along +y, side by side along +x, joined by cross-aisles at both ends and between the
stacked blocks. `A-x0-03` is the front end of aisle 3 of block A, `A-03-017` its bay 17, and
`A-03-017-2-L` level 2 on the left of that bay (aisle, bay, level, side).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from routing.floor import Edge, Location, Node, NodeId, Side

MOST = 1_000_000  # nodes and locations of one block: more is a slip of the hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """bays: along one whole aisle, shared out over `blocks` as evenly as they go.

    x_mm, y_mm: the front end of the first aisle; cross_mm: from a cross-aisle to the next bay.
    """

    id: str
    aisles: int
    bays: int
    blocks: int = 1
    levels: int = 1
    sides: tuple[Side, ...] = ("left", "right")
    aisle_pitch_mm: int = 3000
    bay_pitch_mm: int = 1000
    cross_mm: int = 1000
    reach_mm: int = 0
    x_mm: int = 0
    y_mm: int = 0
    z_mm: int = 0
    floor: int = 0

    @property
    def size(self) -> int:
        """How many nodes and locations it becomes."""
        faces = self.bays * self.levels * len(self.sides)
        return self.aisles * (self.bays + self.blocks + 1 + faces)


def block_nodes(block: Block) -> list[Node]:
    """Every node, aisle by aisle, from the front to the back."""
    return [node for aisle in range(block.aisles) for node in _aisle(block, aisle)]


def block_edges(block: Block) -> list[Edge]:
    """Every aisle from the front to the back, then every cross-aisle."""
    return [*_aisle_edges(block), *_cross_edges(block)]


def block_locations(block: Block) -> list[Location]:
    """Every bay's shelf faces, level by level, in the order of the bays."""
    return [
        Location(
            code=f"{node.id}-{level}-{side[0].upper()}",
            node=node.id,
            side=side,
            level=level,
            reach_mm=block.reach_mm,
        )
        for node in block_nodes(block)
        if node.kind == "bay"
        for level in range(1, block.levels + 1)
        for side in block.sides
    ]


def _aisle(block: Block, aisle: int) -> Iterator[Node]:
    y = block.y_mm
    for kind, node, step in _along(block, aisle):
        y += step
        yield Node(
            id=node,
            x_mm=block.x_mm + aisle * block.aisle_pitch_mm,
            y_mm=y,
            z_mm=block.z_mm,
            floor=block.floor,
            kind="cross" if kind == "cross" else "bay",
            heading_deg=90.0,
        )


def _along(block: Block, aisle: int) -> Iterator[tuple[str, NodeId, int]]:
    """(kind, id, millimetres from the one before), from the front end of one aisle to the back."""
    yield "cross", f"{block.id}-x0-{aisle + 1:02d}", 0
    bay = 0
    for number in range(1, block.blocks + 1):
        last = block.bays * number // block.blocks
        step = block.cross_mm
        while bay < last:
            bay += 1
            yield "bay", f"{block.id}-{aisle + 1:02d}-{bay:03d}", step
            step = block.bay_pitch_mm
        yield "cross", f"{block.id}-x{number}-{aisle + 1:02d}", block.cross_mm


def _aisle_edges(block: Block) -> Iterator[Edge]:
    for aisle in range(block.aisles):
        for here, there in pairwise(_aisle(block, aisle)):
            length = there.y_mm - here.y_mm
            yield Edge(u=here.id, v=there.id, length_mm=length, kind="aisle")


def _cross_edges(block: Block) -> Iterator[Edge]:
    for number in range(block.blocks + 1):
        ends = [f"{block.id}-x{number}-{aisle + 1:02d}" for aisle in range(block.aisles)]
        for u, v in pairwise(ends):
            yield Edge(u=u, v=v, length_mm=block.aisle_pitch_mm, kind="cross")
