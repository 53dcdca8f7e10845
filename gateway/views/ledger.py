"""Our side of the books: what the ledger, the cartons and the orders say, whole, for whoever wants
to compare it with the witnesses."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from gateway.views.cartons import contents
from sync import reading
from wcs.model import Balance, Carton, Order, Pick, StockTotal

AT_MOST = 100_000


def ledger(conn: sqlite3.Connection) -> dict[str, Any]:
    """Every item with its balance per account, every carton with its place, every order with what
    was picked, and the shelves whose difference is still open. One consistent moment."""
    conn.execute("BEGIN")
    try:
        accounts = _accounts(conn)
        items = [_item(row, accounts) for row in totals(conn)]
        inside = contents(items)
        return {
            "items": items,
            "counts": [_open_count(row) for row in shelves_in_count(conn)],
            "picks": list(_picks(conn)),
            "cartons": [
                {**carton_of(row), "contents": inside.get(row.lpn, {})}
                for row in reading.find(conn, Carton, limit=AT_MOST)
            ],
            "orders": [order_of(row) for row in reading.find(conn, Order, limit=AT_MOST)],
        }
    finally:
        conn.execute("ROLLBACK")


def totals(conn: sqlite3.Connection) -> Iterator[StockTotal]:
    return reading.find(conn, StockTotal, limit=AT_MOST)


def item_of(row: StockTotal) -> dict[str, Any]:
    """`available` before any channel's safety stock."""
    return {
        "owner": row.owner,
        "sku": row.sku,
        "on_hand": row.on_hand,
        "allocated": row.allocated,
        "in_count": row.in_count,
        "available": row.on_hand - row.allocated - row.in_count,
        "told": None if row.told is None else {"on_hand": row.told[0], "available": row.told[1]},
    }


def shelves_in_count(conn: sqlite3.Connection) -> Iterator[Balance]:
    return (row for row in reading.find(conn, Balance, limit=AT_MOST) if row.in_count)


def carton_of(row: Carton) -> dict[str, Any]:
    names = ("lpn", "order", "state", "place", "lane", "load", "tracking", "carrier", "loops")
    more = ("fault", "cancelled", "overdue", "expected_g", "measured_g")
    return {name: getattr(row, name) for name in (*names, *more)}


def order_of(row: Order) -> dict[str, Any]:
    lines = [
        {"line": n.line, "sku": n.sku, "qty": n.qty, "picked": n.picked, "cancelled": n.cancelled}
        for n in row.lines
    ]
    names = ("key", "channel", "number", "state", "reason", "lpn", "tracking", "carrier", "told")
    return {**{name: getattr(row, name) for name in names}, "lines": lines}


def _item(row: StockTotal, accounts: dict[str, dict[str, int]]) -> dict[str, Any]:
    held = accounts.get(row.key, {})
    return {
        **item_of(row),
        "accounts": held,
        "shelf": _sum(held, "shelf:"),
        "cartons": _sum(held, "carton:"),
        "putback": _sum(held, "putback:"),
        "shipped": held.get("shipped", 0),
        "lost": held.get("lost", 0),
        "count": held.get("count", 0),
        "opening": held.get("opening", 0),
        "balances": sum(held.values()) == 0,
    }


def _accounts(conn: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """stock -> account -> pieces."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in reading.find(conn, Balance, limit=AT_MOST):
        found[row.stock][row.account] = row.qty
    return found


def _picks(conn: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Steps that a picker may stand before in this moment."""
    for pick in reading.find(conn, Pick, state="picking", limit=AT_MOST):
        for step in pick.steps:
            if step.state == "open":
                yield {"location": step.location, "sku": step.sku, "lpn": pick.lpn}


def _sum(held: dict[str, int], kind: str) -> int:
    return sum(qty for account, qty in held.items() if account.startswith(kind))


def _open_count(row: Balance) -> dict[str, Any]:
    location = row.account.removeprefix("shelf:")
    return {"location": location, "owner": row.owner, "sku": row.sku, "book": row.qty}
