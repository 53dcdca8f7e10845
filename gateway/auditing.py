"""What people did: each act of a person as it was journaled, with its answer, what it changed and
from what. Decisions about certificates stand in a file of their own and are told among them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

WORK: Final = ("Scanned", "PickReported")
"""The floor's own work, told in the life of a carton."""
TOLD: Final = 200
DECISIONS: Final = "pki/decisions.jsonl"
TAIL_BYTES: Final = 256 * 1024
"""Of the decisions; a site has a few in a year."""
CERTIFICATES: Final = {
    "create": ("", "our own"),
    "trust": ("rejected", "trusted"),
    "reject": ("trusted", "rejected"),
}
CHANGES: Final[Mapping[str, tuple[str, str]]] = {
    "DeviceModeChanged": ("before", "mode"),
    "DeviceBound": ("before", "binding"),
    "CountBooked": ("expected", "counted"),
}
"""Events that know both what was and what is."""
FOUND: Final = """
SELECT seq, at, "by", kind, body, outcome, reason FROM journal
WHERE "by" IS NOT NULL AND kind NOT IN (?, ?)
    AND (?3 IS NULL OR json_extract(body, '$.device') = ?3) AND (?4 IS NULL OR "by" = ?4)
    AND (?5 IS NULL OR seq < ?5)
ORDER BY seq DESC LIMIT ?6"""
Act = dict[str, Any]


def acts(
    conn: sqlite3.Connection,
    *,
    device: str | None = None,
    by: str | None = None,
    before: int | None = None,
    limit: int = 50,
    data: Path | None = None,
) -> list[Act]:
    """The newest first. device, by: only what was done to it, only by them. before: only older than
    that journal number. data: the gateway's folder, for what stands beside the journal."""
    rows = conn.execute(FOUND, (*WORK, device, by, before, limit)).fetchall()
    changed = _changed(conn, [row[0] for row in rows])
    found = [_act(row, changed.get(row[0])) for row in rows]
    if data is None or device is not None:
        return found
    until = found[-1]["at"] if len(found) == limit else ""
    others = [one for one in decisions(data, by) if one["at"] >= until]
    if before is not None:
        others = [one for one in others if one["at"] < _at(conn, before)]
    return sorted([*found, *others], key=lambda act: act["at"], reverse=True)


def people(conn: sqlite3.Connection, at_most: int = 100) -> list[str]:
    """Everybody who did something lately, by name."""
    rows = conn.execute(
        'SELECT DISTINCT "by" FROM (SELECT "by" FROM journal WHERE "by" IS NOT NULL'
        " AND kind NOT IN (?, ?) ORDER BY seq DESC LIMIT 1000) ORDER BY 1 LIMIT ?",
        (*WORK, at_most),
    )
    return [row[0] for row in rows]


def decisions(data: Path, by: str | None = None) -> list[Act]:
    """What was decided about certificates of OPC UA lines, whether or not a gateway ran."""
    made = (_decision(line) for line in _tail(data / DECISIONS))
    return [one for one in made if one is not None and by in (None, one["by"])]


def _tail(file: Path) -> Iterable[bytes]:
    try:
        with file.open("rb") as lines:
            lines.seek(max(0, file.stat().st_size - TAIL_BYTES))
            return lines.read().splitlines()
    except FileNotFoundError:
        return ()


def _decision(line: bytes) -> Act | None:
    """None for a line that was cut."""
    try:
        said = json.loads(line)
        old, new = CERTIFICATES.get(said["did"], ("", said["did"]))
        at = datetime.fromisoformat(said["at"]).astimezone(UTC)
        what = f"certificate {said['name']} {said['fingerprint'][:16]}"
        return _row(None, at.isoformat(), said["by"], "CertificateDecided", what, old, new)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _at(conn: sqlite3.Connection, seq: int) -> str:
    row = conn.execute("SELECT at FROM journal WHERE seq = ?", (seq,)).fetchone()
    return str(row[0]) if row else ""


def _changed(conn: sqlite3.Connection, seqs: list[int]) -> dict[int, tuple[str, str]]:
    marks = ", ".join("?" * len(seqs))
    kinds = ", ".join(f"'{kind}'" for kind in CHANGES)
    rows = conn.execute(
        f"SELECT seq, kind, body FROM events WHERE seq IN ({marks}) AND kind IN ({kinds})", seqs
    )
    made: dict[int, tuple[str, str]] = {}
    for seq, kind, text in rows:
        body, (old, new) = json.loads(text), CHANGES[kind]
        made[seq] = (_short(body[old]) or "as in the map", _short(body[new]) or "as in the map")
    return made


def _act(row: tuple[Any, ...], change: tuple[str, str] | None) -> Act:
    seq, at, by, kind, text, outcome, reason = row
    body = json.loads(text)
    if kind == "TagWritten":
        change, reason = (body.pop("before", ""), body.pop("value")), body.pop("reason") or reason
        outcome = body.pop("outcome")
    elif kind in ("WriteRefused", "ConditionAcknowledged", "MethodCalled"):
        reason, outcome = body.pop("reason") or reason, body.pop("outcome", "refused")
    old, new = change or ("", "")
    return _row(seq, at, by, kind, _what(body), old, new, outcome, reason)


def _row(
    seq: int | None,
    at: str,
    by: str,
    act: str,
    what: str,
    old: str,
    new: str,
    outcome: str = "accepted",
    reason: str = "",
) -> Act:
    return {
        "seq": seq,
        "at": at,
        "by": by,
        "act": act,
        "what": what,
        "old": old,
        "new": new,
        "outcome": outcome,
        "reason": reason,
    }


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
    if value in ({}, None):
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
