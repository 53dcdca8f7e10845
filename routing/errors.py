"""What routing refuses, one class per reaction; each names every culprit, not the first."""

from collections.abc import Iterable


class RoutingError(Exception):
    """Routing cannot answer. Asking again with the same layout and weights changes nothing."""


class LayoutError(RoutingError):
    """The layout contradicts itself: the site's configuration must be mended.

    problems: one sentence for each mistake, naming the offending id, in the order of the data.
    """

    def __init__(self, name: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"layout {name}: " + "; ".join(self.problems))


class UnknownNode(RoutingError):
    """The request names nodes that the layout does not have. nodes: all of them, sorted."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self.nodes = tuple(sorted(set(nodes)))
        super().__init__(f"not in the layout: {', '.join(self.nodes)}")


class UnknownEdge(RoutingError):
    """The request blocks or weighs edges that the layout does not have. edges: all, sorted."""

    def __init__(self, edges: Iterable[tuple[str, str]]) -> None:
        self.edges = tuple(sorted(set(edges)))
        super().__init__("no edge between " + ", ".join(f"{u} and {v}" for u, v in self.edges))


class Unreachable(RoutingError):
    """Closures or one-way edges cut these nodes off. nodes: all of them, sorted."""

    def __init__(self, nodes: Iterable[str], reason: str) -> None:
        self.nodes = tuple(sorted(set(nodes)))
        self.reason = reason
        super().__init__(f"{reason}: {', '.join(self.nodes)}")


class BadRequest(RoutingError):
    """What is asked contradicts itself or is out of range. reason: in words, with the culprits."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PrecedenceCycle(RoutingError):
    """Some picks would have to be served before themselves. nodes: all on the cycles, sorted."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self.nodes = tuple(sorted(set(nodes)))
        super().__init__(f"to be served before themselves: {', '.join(self.nodes)}")
