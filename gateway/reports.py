"""What the command line shows: rows read beside the running gateway, as tables or JSON."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from gateway.auth import ROLES, Auth, AuthError, Role
from sync import outbox as outbox_rows
from sync import reading
from sync.failures import failed
from wcs.model import Balance, Order

DATABASE = "wedge.db"
RUNNING = "gateway.json"


class NotThere(Exception):
    """What was asked for does not exist; the words say where it was looked for."""


@contextmanager
def database(data: Path) -> Iterator[sqlite3.Connection]:
    """Read-only, beside the gateway that writes."""
    path = data / DATABASE if data.is_dir() else data
    if not path.is_file():
        raise NotThere(f"{path}: there is no database; has `wedge run` been started with it?")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            yield conn
    except sqlite3.DatabaseError as err:
        raise failed(path, err) from err


def running(data: Path) -> tuple[str, dict[str, str]]:
    """Address and credentials of the gateway that runs on this data folder."""
    try:
        url = json.loads((data / RUNNING).read_text())["url"]
        token = (data / "local.token").read_text().strip()
    except (OSError, ValueError, KeyError) as err:
        raise NotThere(f"{data}: no gateway runs on this folder") from err
    return url, {"Authorization": f"Bearer {token}"}


def _call(data: Path, method: str, path: str) -> httpx.Response:
    url, headers = running(data)
    try:
        return httpx.request(method, url + path, headers=headers, timeout=5.0, trust_env=False)
    except httpx.HTTPError as err:
        raise NotThere(f"the gateway at {url} does not answer ({type(err).__name__})") from err


def orders(data: Path, state: str | None, limit: int) -> list[dict[str, Any]]:
    with database(data) as conn:
        equal = {"state": state} if state else {}
        return [_order(order) for order in reading.find(conn, Order, limit=limit, **equal)]


def _order(order: Order) -> dict[str, Any]:
    lines = [f"{n.picked}/{n.qty} {n.sku}" for n in order.lines]
    return {
        "order": order.key,
        "state": order.state,
        "reason": order.reason,
        "lines": lines,
        "carton": order.lpn,
        "tracking": order.tracking,
        "cutoff": order.cutoff,
    }


def stock(data: Path, sku: str | None, limit: int) -> list[dict[str, Any]]:
    with database(data) as conn:
        equal = {"stock": sku} if sku else {}
        rows = reading.find(conn, Balance, limit=limit, **equal)
        return [
            {
                "account": row.account,
                "owner": row.owner,
                "sku": row.sku,
                "qty": row.qty,
                "allocated": row.allocated,
            }
            for row in rows
        ]


def outbox(data: Path, state: str | None, limit: int) -> list[dict[str, Any]]:
    with database(data) as conn:
        return list(outbox_rows.show(conn, state=state, limit=limit))


def message(data: Path, id_: str) -> dict[str, Any]:
    with database(data) as conn:
        found = outbox_rows.one(conn, id_)
    if found is None:
        raise NotThere(f"there is no message {id_}; `wedge outbox list` shows the newest")
    return {**found, "body": json.loads(found["body"])}


def retry(data: Path, id_: str) -> bool:
    answer = _call(data, "POST", f"/api/outbox/{id_}/retry")
    return answer.status_code == 200


def events(data: Path, after: int, of: str | None, limit: int) -> list[dict[str, Any]]:
    with database(data) as conn:
        if of is None:
            return reading.events_after(conn, after, limit)
        found = reading.life(conn, lpn=of, limit=limit) or reading.life(conn, order=of, limit=limit)
    if not found:
        raise NotThere(f"nothing is known of {of!r}: give an LPN or `channel:number`")
    return found


def replayed(db: Path, until: int | None, snapshot: Path | None) -> dict[str, Any]:
    from gateway.release import RELEASE
    from sync.replay import replay
    from wcs.decide import rule

    path = db / DATABASE if db.is_dir() else db
    if not path.is_file():
        raise NotThere(f"{path}: there is no database")
    try:
        found = replay(path, until=until, from_snapshot=snapshot, decide=rule, release=RELEASE)
    except sqlite3.DatabaseError as err:
        raise failed(path, err) from err
    return {"identical": found.identical, "decided": found.decided, "text": str(found)}


def roster(data: Path) -> Auth:
    return Auth(data, lambda: datetime.now(UTC))


def role_of(text: str) -> Role:
    for role in ROLES:
        if role == text:
            return role
    raise AuthError(f"{text!r} is no role; one of {', '.join(ROLES)}")


def status(data: Path) -> dict[str, Any]:
    answer = _call(data, "GET", "/api/status")
    if answer.status_code != 200:
        raise NotThere(f"the gateway answered {answer.status_code}: {answer.text[:200]}")
    facts: dict[str, Any] = answer.json()
    return facts


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="bold")


def _print(table: Table) -> None:
    Console().print(table)


def orders_table(rows: list[dict[str, Any]]) -> None:
    table = _table("order", "state", "picked", "carton", "tracking", "why")
    for row in rows:
        cells = (row["order"], row["state"], ", ".join(row["lines"]), row["carton"] or "")
        table.add_row(*cells, row["tracking"] or "", row["reason"])
    _print(table)


def stock_table(rows: list[dict[str, Any]]) -> None:
    table = _table("account", "owner", "sku", "qty", "allocated")
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("account", "owner", "sku", "qty", "allocated")))
    _print(table)


def load_lines(told: dict[str, Any]) -> None:
    for line in [*told["report"], *told["refused"]]:
        print(line)
    if not told["changed"]:
        print("dry run: nothing was changed")


def outbox_table(rows: list[dict[str, Any]]) -> None:
    table = _table("message", "kind", "key", "state", "tries", "last error")
    for row in rows:
        cells = (row["id"], row["kind"], row["key"], row["state"], str(row["attempts"]))
        table.add_row(*cells, row["last_error"] or "")
    _print(table)


def events_table(rows: list[dict[str, Any]]) -> None:
    table = _table("n", "at", "event", "what")
    for row in rows:
        what = ", ".join(f"{k}={v}" for k, v in row["body"].items() if k != "at" and v is not None)
        table.add_row(str(row["n"]), row["at"][11:23], row["kind"], what)
    _print(table)


def status_table(facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        print(f"{name}: {value if not isinstance(value, dict | list) else json.dumps(value)}")
