"""Items, locations and opening stock into the ledger: planned first, then one observation a row."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection, connect

from gateway.csvload import Load, observations, plan_load, read_items, read_stock
from gateway.settings import Settings, load
from sync import reading
from sync.schema import migrate
from wcs.envelope import Answer, Nobody, Seen
from wcs.model import Balance, Item
from wcs.observations import Observation, SiteChanged
from wcs.site import Site
from wcs.walking import layout_of

BY = "local"
Tell = Callable[[Observation, str], Awaitable[Answer]]


def planned(
    settings: Settings, items: Path, stock: Path, conn: Connection, by: str, at: datetime
) -> Load:
    """Raises CsvErrors with every wrong row of both files."""
    rows = read_items(items)
    shelves = read_stock(stock, settings.locations, {row.sku for row in rows})
    return plan_load(
        rows,
        shelves,
        lambda key: reading.get(conn, Item, key),
        lambda key: reading.get(conn, Balance, key),
        by,
        at,
    )


async def carry_out(plan: Load, tell: Tell) -> list[str]:
    """The refusals, in words; each row is decided alone."""
    refused = []
    for observation, key in observations(plan):
        answer = await tell(observation, key)
        if answer.outcome != "accepted":
            refused.append(f"{key}: {answer.reason}")
    return refused


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load changes, or would change, and what was refused, in words."""

    report: list[str]
    refused: list[str]


def load_into(
    config: Path, data: Path, items: Path | None, stock: Path | None, *, dry_run: bool
) -> Loaded:
    """`wedge stock load`: the report, and unless it is a dry run the load through the store."""
    from gateway.reports import DATABASE

    settings, now = load(config), datetime.now(UTC)
    with _as_it_is(data) as conn:
        site = reading.get(conn, Site, "site")
        files = items or settings.items, stock or settings.stock
        plan = planned(settings, *files, conn, BY, now)
    report = [*_locations(site, settings), *plan.report]
    if dry_run:
        return Loaded(report, [])
    data.mkdir(parents=True, exist_ok=True)
    changed = _on_new_floor(site, settings, now)
    return Loaded(report, asyncio.run(_through_the_store(data / DATABASE, settings, changed, plan)))


@contextmanager
def _as_it_is(data: Path) -> Iterator[Connection]:
    """The database, or an empty one where no gateway has run yet."""
    from gateway.reports import DATABASE, database

    if data.is_file() or (data / DATABASE).is_file():
        with database(data) as conn:
            yield conn
        return
    with closing(connect(":memory:", isolation_level=None)) as conn:
        migrate(conn, data / DATABASE)
        yield conn


def _on_new_floor(site: Site | None, settings: Settings, now: datetime) -> SiteChanged | None:
    """Only the floor of an adopted site changes here; the gateway brings the rest at its start."""
    if site is None:
        return SiteChanged(site=settings.site, by=BY, at=now)
    if site.layout == settings.site.layout:
        return None
    return SiteChanged(site=replace(site, layout=settings.site.layout), by=BY, at=now)


def _locations(site: Site | None, settings: Settings) -> Iterator[str]:
    known = frozenset(layout_of(site.layout).locations) if site else frozenset()
    new, gone = sorted(settings.locations - known), sorted(known - settings.locations)
    yield f"{len(new)} of {len(settings.locations)} locations are new"
    if gone:
        yield f"locations that are no more: {', '.join(gone)}"


async def _through_the_store(
    path: Path, settings: Settings, changed: SiteChanged | None, plan: Load
) -> list[str]:
    """While no gateway runs. Raises StoreLocked while one does: it loads its site's own files."""
    from gateway.hosts import routes
    from gateway.release import RELEASE
    from sync.store import Store
    from wcs.decide import rule

    with Store.open(path, decide=rule, mapping=routes(settings), release=RELEASE) as store:

        async def tell(observation: Observation, key: str | None) -> Answer:
            decided = await store.transact([Seen(observation, Nobody(), key)])
            return decided[0].answer

        adopted = await tell(changed, None) if changed else None
        if adopted and adopted.outcome != "accepted":
            return [f"{settings.site.name}: {adopted.reason}"]
        return await carry_out(plan, tell)
