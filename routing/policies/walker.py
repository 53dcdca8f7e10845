"""A picker on the way: the walk so far, and what is still to be picked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from routing.floor import Side
from routing.policies.areas import FRONT, Aisle
from routing.policies.asked import PolicyUnfit
from routing.policies.ways import Ways
from routing.weights import SHUT


class Walker:
    """Walks as told and picks on the way, so nothing is fetched that was passed before.

    waiting: the faces to be picked, by node; "ahead" is picked in any pass, of left and right one
    pass along an aisle picks one, and a trip into an aisle and out again both. aisle_of: the aisle
    number, by node.
    """

    def __init__(
        self,
        ways: Ways,
        aisle_of: Mapping[int, int],
        start: int,
        waiting: Mapping[int, Iterable[Side]],
        end: int,
    ) -> None:
        self.ways, self.walk, self.end = ways, [start], end
        self.waiting: dict[int, set[Side]] = {node: set(faces) for node, faces in waiting.items()}
        self._in_aisle: dict[int, list[int]] = {}
        for node in self.waiting:
            self._in_aisle.setdefault(aisle_of.get(node, -1), []).append(node)
        self._one_side = any(faces != {"ahead"} for faces in self.waiting.values())
        self._pick([start], self._faces([start])[0])

    @property
    def here(self) -> int:
        return self.walk[-1]

    def places(self, aisle: Aisle) -> list[int]:
        """Where there is something to pick, from the front on."""
        nodes = self._in_aisle.get(aisle.number, ())
        return sorted(aisle.nodes.index(node) for node in nodes if node in self.waiting)

    def picked(self, aisles: Iterable[Aisle]) -> list[Aisle]:
        """Those where there is something to pick."""
        nodes, waiting = self._in_aisle, self.waiting
        return [
            a for a in aisles if a.number in nodes and any(n in waiting for n in nodes[a.number])
        ]

    def stations(self, aisle: Aisle, side: int, places: Sequence[int]) -> list[int]:
        """Nodes to go to, in turn, to come by these places from this end."""
        nodes = [aisle.nodes[place] for place in (places if side == FRONT else places[::-1])]
        return nodes if self.ways.detours else nodes[-1:]

    def others(self, aisle: Aisle) -> list[int]:
        """Places with a pick on the face that a pass through the aisle leaves to another pass."""
        if not self._one_side:
            return []
        _, other = self._faces(aisle.nodes)
        return [place for place in self.places(aisle) if other in self.waiting[aisle.nodes[place]]]

    def to(self, node: int, face: Side | None = None) -> None:
        """Goes there. face: which one to pick on the way; else the one with more to pick."""
        nodes = self.ways.walk(self.here, node)
        self.walk += nodes[1:]
        self._pick(nodes, face or self._faces(nodes)[0])

    def by(self, node: int, face: Side | None = None) -> None:
        """Goes there unless closures cut it off today: an end of an aisle is no pick."""
        mm = self.ways.mm
        if not self.ways.detours or max(mm(self.here, node), mm(node, self.end)) < SHUT:
            self.to(node, face)

    def through(self, aisle: Aisle, side: int) -> int:
        """From this end of the aisle to the other, or the other way if it is one-way.

        Returns the end where the walker comes out.
        """
        side = side if aisle.walkable[side] else 1 - side
        self.by(aisle.mouth(side))
        places = self.places(aisle)
        if not places:
            return side  # picked on a long way round to this end
        face, _ = self._faces(aisle.nodes)
        if self.ways.detours:
            self._along(self.stations(aisle, side, places), face)
        self.by(aisle.mouth(1 - side), face)
        return 1 - side

    def trip(self, aisle: Aisle, side: int, places: Sequence[int]) -> int:
        """In at this end, or the only open one, as far as these places, and out again.

        Where an aisle is all there is, the first of the places is taken for its end.
        """
        side = aisle.side(side)
        mouth = aisle.mouth(side) if any(aisle.opens) else aisle.nodes[places[0]]
        if not all(aisle.walkable) and {aisle.nodes[place] for place in places} != {mouth}:
            raise PolicyUnfit(f"nobody may turn round in {self.ways.named(aisle)}: it is one-way")
        self.by(mouth)
        left = [place for place in places if aisle.nodes[place] in self.waiting]
        if not left:
            return side
        first, last = self._faces(aisle.nodes[place] for place in left)
        self._along(self.stations(aisle, side, left), first)
        self.by(mouth, last)
        left = [place for place in left if aisle.nodes[place] in self.waiting]
        return self.trip(aisle, side, left) if left else side  # behind a block, on the other face

    def clear(self, aisle: Aisle, side: int) -> int:
        """Picks what is left in an aisle by a trip, or by one more pass where it is one-way."""
        places = self.places(aisle)
        if not places:
            return side
        return self.trip(aisle, side, places) if all(aisle.walkable) else self.through(aisle, side)

    def _along(self, nodes: Iterable[int], face: Side) -> None:
        for node in nodes:
            self.to(node, face)

    def _faces(self, nodes: Iterable[int]) -> tuple[Side, Side]:
        """Left and right, the one first where there is more to pick."""
        if not self._one_side:
            return "left", "right"
        count = Counter(face for node in nodes for face in self.waiting.get(node, ()))
        return ("right", "left") if count["right"] > count["left"] else ("left", "right")

    def _pick(self, nodes: Iterable[int], face: Side) -> None:
        for node in nodes:
            if node in self.waiting:
                self.waiting[node] -= {face, "ahead"}
                if not self.waiting[node]:
                    del self.waiting[node]
