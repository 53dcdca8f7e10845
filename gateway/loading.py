"""Items and opening stock into the ledger: planned first, then one observation a row."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

from gateway.csvload import Load, observations, plan_load, read_items, read_stock
from gateway.settings import Settings, load
from sync import reading
from wcs.envelope import Answer, Nobody, Seen
from wcs.model import Balance, Item
from wcs.observations import Observation

Tell = Callable[[Observation, str], Awaitable[Answer]]


def planned(
    settings: Settings, items: Path, stock: Path, conn: Connection, by: str, at: datetime
) -> Load:
    """Raises CsvErrors with every wrong row of both files."""
    rows = read_items(items)
    layout = json.loads(settings.site.layout)
    locations = {place["code"] for place in layout.get("locations", [])}
    shelves = read_stock(stock, locations, {row.sku for row in rows})
    return plan_load(
        rows,
        shelves,
        lambda key: reading.get(conn, Item, key),
        lambda key: reading.get(conn, Balance, key),
        by,
        at,
    )


async def carry_out(plan: Load, tell: Tell) -> list[str]:
    """The refusals, in words; each row is its own transaction's savepoint."""
    refused = []
    for observation, key in observations(plan):
        answer = await tell(observation, key)
        if answer.outcome != "accepted":
            refused.append(f"{key}: {answer.reason}")
    return refused


def load_into(
    config: Path, data: Path, items: Path | None, stock: Path | None, *, dry_run: bool
) -> Iterator[str]:
    """`wedge stock load`: the report, and unless it is a dry run the load through the store."""
    from gateway.reports import DATABASE, database

    settings = load(config)
    with database(data) as conn:
        plan = planned(
            settings,
            items or settings.items,
            stock or settings.stock,
            conn,
            "local",
            datetime.now(UTC),
        )
    yield from plan.report
    if dry_run:
        yield "dry run: nothing was changed"
        return
    yield from asyncio.run(_through_the_store(data / DATABASE, settings, plan))


async def _through_the_store(path: Path, settings: Settings, plan: Load) -> list[str]:
    """While no gateway runs. Raises StoreLocked while one does: it loads its site's own files."""
    from gateway.hosts import routes
    from gateway.release import RELEASE
    from sync.store import Store
    from wcs.decide import rule

    with Store.open(path, decide=rule, mapping=routes(settings), release=RELEASE) as store:

        async def tell(observation: Observation, key: str) -> Answer:
            decided = await store.transact([Seen(observation, Nobody(), key)])
            return decided[0].answer

        return await carry_out(plan, tell)
