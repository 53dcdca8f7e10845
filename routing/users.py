"""The floor as its users see it: people and vehicles, each with the edges that they may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import get_args
from weakref import WeakKeyDictionary

from routing.errors import BadRequest
from routing.floor import User
from routing.layout import Layout
from routing.weights import Ends

_own: WeakKeyDictionary[Layout, dict[User, Layout | None]] = WeakKeyDictionary()


def seen_by(layout: Layout, user: User | None) -> Layout:
    """The same nodes with the edges of this user; the layout itself where all edges are.

    Without a user: of people, or of vehicles where no edge is for people, as LIF has it. Made once.
    Raises BadRequest.
    """
    if user is None:
        user = "amr" if layout.users == {"amr"} else "people"
    if user not in get_args(User):
        raise BadRequest(f"user must be one of {', '.join(get_args(User))}, not {user}")
    known = _own.setdefault(layout, {})
    if user not in known:
        edges = tuple(edge for edge in layout.edges if user in edge.users)
        known[user] = replace(layout, edges=edges) if len(edges) < len(layout.edges) else None
    return known[user] or layout


def known_to(own: Layout, layout: Layout, ends: Iterable[Ends]) -> list[Ends]:
    """Without the edges that only others use: what is true of them does not matter here."""
    return [uv for uv in ends if uv in own.edges_between or uv not in layout.edges_between]
