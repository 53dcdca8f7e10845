"""Commands that reached the PLC after their deadline: what the PLC says it saw, beside what the
gateway decided."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.flows.warehouse import Warehouse

SAID_WITHIN_S = 0.15
"""From the PLC's program over the world's bus into the witness, on a busy machine."""

Key = tuple[int, str]


class Useful(NamedTuple):
    """When a command may reach the PLC, UTC seconds."""

    decided: float
    before: float


def late_commands(
    rows: Sequence[Mapping[str, Any]], decided: Mapping[Key, Sequence[Useful]], began: float
) -> Iterator[str]:
    """rows: what the sorter said (`books` of the world). decided: by track and lane; after a
    restart of the PLC the same track comes again. began: UTC seconds of the world's zero."""
    for row in rows:
        if "command" not in row:
            continue
        track, lane, at = int(row["track"]), str(row["lane"]), began + row["at"]
        earlier = [one for one in decided.get((track, lane), ()) if one.decided <= at]
        if row["after_blade"]:
            yield f"track {track}: a command to lane {lane} came after the blade"
        if not earlier:
            yield f"track {track}: nobody decided lane {lane}"
        elif (late_s := at - max(one.before for one in earlier)) > SAID_WITHIN_S:
            yield f"track {track}: lane {lane} came {late_s:.3f} s after its deadline"


async def zero_of_the_world(house: Warehouse) -> float:
    """UTC seconds when its clock was zero."""
    now = float((await house.director.ask("state"))["now"])
    return datetime.now(UTC).timestamp() - now


async def late_at(house: Warehouse, began: float) -> tuple[int, list[str]]:
    """How many commands the PLC saw, and what was late of them."""
    rows = (await house.director.ask("books"))["sorter"]
    found = list(late_commands(rows, diverts(house.data / "wedge.db"), began))
    return sum("command" in row for row in rows), found


def diverts(db: Path) -> dict[Key, list[Useful]]:
    """Every divert in the gateway's database."""
    found: dict[Key, list[Useful]] = defaultdict(list)
    asked = (
        "SELECT commands.body, before, journal.at FROM commands JOIN journal USING (seq)"
        " WHERE commands.kind = 'Divert'"
    )
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as conn:
        for body, before, at in conn.execute(asked):
            divert = json.loads(body)
            useful = Useful(_seconds(at), _seconds(before))
            found[int(divert["track"]), str(divert["lane"])].append(useful)
    return found


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
