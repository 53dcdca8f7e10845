"""Whether every location can be walked or driven to, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from routing.floor import Location, NodeId
from routing.problems import Path, Problems

if TYPE_CHECKING:
    from routing.layout import Arc, Layout


def note_disconnected(
    layout: Layout, placed: Iterable[tuple[Path, Location]], problems: Problems
) -> None:
    """A problem for each location that is on no round trip from a depot; one for a whole block.

    Without a depot the first location's node takes its place. The trip must be one that people
    alone or vehicles alone can make.
    """
    depots = [node.id for node in layout.nodes.values() if node.kind == "depot"]
    homes = depots or [location.node for location in layout.locations.values()][:1]
    served = _on_round_trips(layout, homes)
    cut_off: dict[Path, list[Location]] = defaultdict(list)
    for path, location in placed:
        if not served.issuperset((location.node, *location.also)):
            cut_off[path].append(location)
    for path, (first, *others) in cut_off.items():
        nodes = [node for node in (first.node, *first.also) if node not in served]
        more = f" (and {len(others)} more of this block)" if others else ""
        what = f"location on node {', '.join(nodes)} is disconnected from {homes[0]}"
        problems.note(path, first.code, what + more)


def _on_round_trips(layout: Layout, homes: Sequence[NodeId]) -> set[NodeId]:
    numbers = [layout.number[home] for home in homes]
    found: set[int] = set()
    for barred in set(layout.barred.values()):
        there = _reached(layout.arcs, numbers, set(barred))
        found |= there & _reached(layout.arcs_in, numbers, set(barred))
    return {layout.ids[number] for number in found}


def _reached(
    arcs: Sequence[Sequence[Arc]], homes: Iterable[int], barred: Collection[int]
) -> set[int]:
    seen, waiting = set(homes), list(homes)
    while waiting:
        for far, _, edge in arcs[waiting.pop()]:
            if far not in seen and edge not in barred:
                seen.add(far)
                waiting.append(far)
    return seen
