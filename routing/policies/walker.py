"""A picker on the way: the walk so far, and what is still to be picked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from routing.floor import Side
from routing.policies.areas import FRONT, Aisle
from routing.policies.asked import PolicyUnfit
from routing.policies.ways import Ways


class Walker:
    """Walks as told and picks on the way, so nothing is fetched that was passed before.

    waiting: the faces to be picked, by node. A pass picks one face of an aisle, and "ahead" in
    any case; a trip into an aisle and out again picks both.
    """

    def __init__(self, ways: Ways, start: int, waiting: Mapping[int, Iterable[Side]]) -> None:
        self.ways, self.walk = ways, [start]
        self.waiting: dict[int, set[Side]] = {node: set(faces) for node, faces in waiting.items()}
        self._pick([start], "ahead")

    @property
    def here(self) -> int:
        return self.walk[-1]

    def places(self, aisle: Aisle) -> list[int]:
        """Where there is something to pick, from the front on."""
        return [place for place, node in enumerate(aisle.nodes) if node in self.waiting]

    def faces(self, nodes: Iterable[int]) -> tuple[Side, Side]:
        """Left and right, the one first where there is more to pick."""
        count = Counter(face for node in nodes for face in self.waiting.get(node, ()))
        return ("right", "left") if count["right"] > count["left"] else ("left", "right")

    def both(self, aisle: Aisle) -> bool:
        """Whether left and right are to be picked one by one, and there is something on both."""
        faces = {face for node in aisle.nodes for face in self.waiting.get(node, ())}
        return {"left", "right"} <= faces

    def others(self, aisle: Aisle) -> list[int]:
        """Where a pass through the aisle leaves something to pick on the face that it does not."""
        _, other = self.faces(aisle.nodes)
        return [place for place in self.places(aisle) if other in self.waiting[aisle.nodes[place]]]

    def to(self, node: int, face: Side | None = None) -> None:
        """Goes there. face: which one to pick on the way; else the one with more to pick."""
        nodes = self.ways.walk(self.here, node)
        self.walk += nodes[1:]
        self._pick(nodes, face or self.faces(nodes)[0])

    def through(self, aisle: Aisle, side: int) -> int:
        """From this end of the aisle to the other, where that is allowed; returns where it ends."""
        side = side if aisle.walkable[side] else 1 - side
        self.to(aisle.mouth(side))
        face, _ = self.faces(aisle.nodes)
        for place in onward(self.places(aisle), side):
            self.to(aisle.nodes[place], face)
        self.to(aisle.mouth(1 - side), face)
        return 1 - side

    def trip(self, aisle: Aisle, side: int, places: Sequence[int]) -> int:
        """In at this end, or the only open one, as far as these places, and out again."""
        side = aisle.side(side)
        self.to(aisle.mouth(side))
        nodes = [aisle.nodes[place] for place in onward(places, side)]
        if nodes != [self.here] and nodes and not all(aisle.walkable):
            ends = f"{self.ways.name(aisle.nodes[0])} to {self.ways.name(aisle.nodes[-1])}"
            raise PolicyUnfit(f"nobody may turn round in the one-way aisle {ends}")
        first, last = self.faces(nodes)
        for node in nodes:
            self.to(node, first)
        self.to(aisle.mouth(side), last)
        return side

    def _pick(self, nodes: Iterable[int], face: Side) -> None:
        for node in nodes:
            if node in self.waiting:
                self.waiting[node] -= {face, "ahead"}
                if not self.waiting[node]:
                    del self.waiting[node]


def onward(places: Sequence[int], side: int) -> Sequence[int]:
    """Places of an aisle in the order of a walker who comes in at this end."""
    return places if side == FRONT else places[::-1]
