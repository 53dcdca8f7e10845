"""What people did: each act of a person as it was journaled, with its answer."""

import json
import sqlite3
from typing import Any, Final

WORK: Final = ("Scanned", "PickReported")
"""The floor's own work, told in the life of a carton."""
TOLD: Final = 200


def acts(
    conn: sqlite3.Connection, *, device: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The newest first; `device` keeps only what was done to it."""
    rows = conn.execute(
        'SELECT seq, at, "by", kind, body, outcome, reason FROM journal'
        ' WHERE "by" IS NOT NULL AND kind NOT IN (?, ?)'
        " AND (?3 IS NULL OR json_extract(body, '$.device') = ?3) ORDER BY seq DESC LIMIT ?4",
        (*WORK, device, limit),
    )
    return [
        {
            "seq": seq,
            "at": at,
            "by": by,
            "act": kind,
            "what": _what(json.loads(body)),
            "outcome": outcome,
            "reason": reason,
        }
        for seq, at, by, kind, body, outcome, reason in rows
    ]


def _what(body: dict[str, Any]) -> str:
    """Its fields; what is long (a site, the lines of a check) is only counted."""
    shown = {name: value for name, value in body.items() if name not in ("by", "at")}
    parts = (f"{name} {_short(value)}" for name, value in shown.items() if value not in ("", None))
    return ", ".join(parts)[:TOLD]


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) > 5:
        return f"({len(value)})"
    if isinstance(value, dict) and "layout" in value:
        return str(value.get("name", ""))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
