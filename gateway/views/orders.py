"""Orders by state, those at risk of their cut-off, and those that are held, with the reason."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any, Final

from sync import reading
from wcs.model import Order, Waiting

FLOW: Final = ("held", "waiting", "picking", "packed", "sorted", "shipped")
ASIDE: Final = ("cancelling", "cancelled")
LOOK: Final = 100
SHARE: Final = 20
SHOWN: Final = 8


class Counts:
    """Orders by state: counted anew as often as that costs a twentieth of the time. A thousand
    orders are counted at every look, a million every few seconds."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._again_at = 0.0

    def of(self, conn: sqlite3.Connection) -> dict[str, int]:
        began = monotonic()
        if began >= self._again_at:
            self._counts = reading.count_by(conn, Order, "state")
            self._again_at = began + SHARE * (monotonic() - began)
        return self._counts


def orders(
    conn: sqlite3.Connection, counts: dict[str, int], now: datetime, soon_s: float
) -> dict[str, Any]:
    """`flow` in the order of an order's life; `risk`: not yet in a lane and due within `soon_s`."""
    due = [_due(order, now) for order in _on_the_way(conn)]
    risk = sorted((row for row in due if row["left_s"] < soon_s), key=lambda row: row["left_s"])
    held = list(reading.find(conn, Order, state="held", limit=SHOWN))
    return {
        "flow": [(state, counts.get(state, 0)) for state in FLOW],
        "aside": [(state, counts.get(state, 0)) for state in ASIDE if counts.get(state, 0)],
        "risk": risk[:SHOWN],
        "risk_more": max(0, len(risk) - SHOWN),
        "held": [{"key": order.key, "why": order.reason} for order in held],
        "held_more": max(0, counts.get("held", 0) - SHOWN),
    }


def _on_the_way(conn: sqlite3.Connection) -> Iterator[Order]:
    """The most urgent that wait (their queue is ordered by cut-off), and all on the floor."""
    for waiting in islice(reading.find(conn, Waiting, limit=LOOK), LOOK):
        order = reading.get(conn, Order, waiting.order)
        if order and order.cutoff:
            yield order
    for state in ("picking", "packed"):
        rows = reading.find(conn, Order, state=state, limit=LOOK)
        yield from (order for order in rows if order.cutoff)


def _due(order: Order, now: datetime) -> dict[str, Any]:
    assert order.cutoff is not None
    left = (order.cutoff - now).total_seconds()
    return {"key": order.key, "state": order.state, "cutoff": order.cutoff, "left_s": left}
