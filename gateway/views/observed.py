"""A sorter that is only observed: our choices beside those of the old system, and how often they
agree."""

import sqlite3
from typing import Any

from sync import reading
from wcs.equipment import Compared, Comparison

BLOCKED = ("lane_full", "jam")
"""The old system chose a lane, and the lane did not take it."""


def observed(conn: sqlite3.Connection, sorter: str) -> dict[str, Any]:
    """The newest first. `agreement`: of those that both have decided, in percent; None while there
    are none."""
    counted = reading.get(conn, Compared, sorter)
    rows = [_row(one) for one in reading.find(conn, Comparison, sorter=sorter)]
    rows.sort(key=lambda row: -row["number"])
    both = [row["agrees"] for row in rows if row["agrees"] is not None]
    return {
        "sorter": sorter,
        "cartons": counted.cartons if counted else 0,
        "compared": len(both),
        "agreed": sum(both),
        "agreement": round(100 * sum(both) / len(both), 1) if both else None,
        "rows": rows,
    }


def _row(one: Comparison) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "track": one.track,
        "carton": one.lpn,
        "wedge": one.chosen,
        "why": one.why,
        "went": one.went,
        "result": one.result.replace("_", " "),
        "agrees": _agrees(one),
    }


def _agrees(one: Comparison) -> bool | None:
    """None where there is nothing to compare: we had nothing to choose by, or the PLC none told
    it."""
    if one.chosen is None or one.result == "no_decision":
        return None
    return one.chosen == one.went
