"""`/books`: nobody has to take our word. Every witness beside the ledger, item by item and carton
by carton, on a page and as CSV."""

import asyncio
import csv
import io
from contextlib import closing
from dataclasses import astuple, fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from gateway.context import Gateway
from gateway.views.cartons import CartonRow
from gateway.views.comparison import Books, ItemRow, compare, lasting
from gateway.views.ledger import ledger
from gateway.views.witnesses import Difference
from gateway.web.director import Director, NoDirector
from gateway.web.guard import Site
from gateway.web.parts import Reading, Shown
from sync import reading

router = APIRouter(include_in_schema=False)
MOMENT_S = 0.5


@router.get("/books")
async def page(who: Reading, site: Site, shown: Shown) -> Response:
    books, why = await _books(site)
    values = {"books": books, "why": why, "now": site.now()}
    html = await run_in_threadpool(lambda: shown.page("books.html", who, **values))
    return HTMLResponse(html)


@router.get("/books.csv")
async def as_csv(
    who: Reading, site: Site, of: Annotated[Literal["items", "cartons"], Query()] = "items"
) -> Response:
    books, _ = await _books(site)
    text = table(books.items, ItemRow) if of == "items" else table(books.cartons, CartonRow)
    headers = {"content-disposition": f'attachment; filename="wedge-{of}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def table(rows: tuple[Any, ...], kind: type) -> str:
    """RFC 4180, with the names of the fields as its first line."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([field.name for field in fields(kind)])
    for row in rows:
        *facts, _ = astuple(row)
        writer.writerow([*map(_cell, facts), "; ".join(map(in_words, row.differences))])
    return made.getvalue()


def in_words(difference: Difference) -> str:
    return f"{difference.text} ({difference.name or 'NOT EXPLAINED'})"


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is told to be none."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value


async def _books(site: Gateway) -> tuple[Books, str]:
    """The comparison, and why there are no witnesses."""
    first, why = await _once(site)
    if not first.unexplained:
        return first, why
    await asyncio.sleep(MOMENT_S)
    second, why = await _once(site)
    return lasting(second, first), why


async def _once(site: Gateway) -> tuple[Books, str]:
    witness, why = None, "this site has no witnesses to ask"
    if site.settings.simulated:
        try:
            witness, why = await Director(site.settings.simulated).get("/witness"), ""
        except NoDirector as err:
            why = str(err)
    return await run_in_threadpool(_compared, site, witness), why


def _compared(site: Gateway, witness: dict[str, Any] | None) -> Books:
    with closing(site.reader()) as conn:
        ours = ledger(conn)
        waiting = {row["host"] for row in reading.outbox_depth(conn) if row["waiting"]}
    safety = max((channel.safety_stock for channel in site.settings.site.channels), default=0)
    return compare(ours, witness, waiting=waiting, safety=safety)
