"""Items, locations and opening stock from CSV: every wrong row named with its line, a difference
report before anything changes, then one observation a row."""

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from wcs.model import Balance, Item
from wcs.names import Account, Barcode, LocationCode, Owner, Sku
from wcs.observations import ItemDefined, StockOpened


class CsvErrors(Exception):
    """One line a mistake: file, line, column, fact."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class ItemRow(_Row):
    """`barcodes` are separated by blanks; weight in grams, case size in pieces."""

    sku: str = Field(min_length=1, max_length=64)
    owner: str = Field(min_length=1, max_length=64)
    name: str = Field(max_length=200)
    barcodes: Annotated[tuple[str, ...], BeforeValidator(lambda text: tuple(str(text).split()))]
    weight_g: int = Field(ge=0, le=1_000_000)
    case_size: int = Field(ge=1, le=100_000)


class StockRow(_Row):
    location: str = Field(min_length=1, max_length=64)
    owner: str = Field(min_length=1, max_length=64)
    sku: str = Field(min_length=1, max_length=64)
    qty: int = Field(ge=0, le=100_000_000)


class LocationRow(_Row):
    """A shelf face at a node of the layout; `side` as seen along the node's heading."""

    code: str = Field(min_length=1, max_length=64)
    node: str = Field(min_length=1, max_length=64)
    side: Literal["left", "right", "ahead"] = "ahead"
    level: int = Field(default=1, ge=0, le=1000)


BEYOND = "beyond the heading"
R = TypeVar("R", bound=_Row)


def read_items(file: Path) -> list[ItemRow]:
    """Raises CsvErrors; a SKU twice is an error."""
    return _read(file, ItemRow, lambda row: f"{row.owner} {row.sku}")


def read_locations(file: Path) -> list[LocationRow]:
    """Raises CsvErrors; whether the nodes are there says the layout."""
    return _read(file, LocationRow, lambda row: row.code)


def line_of_location(file: Path, code: str) -> int:
    """Where the location of a file that was read stands in it."""
    return next(line for line, cells in _lines(file, LocationRow) if cells["code"].strip() == code)


def read_stock(file: Path, locations: Collection[str], skus: Collection[str]) -> list[StockRow]:
    """Raises CsvErrors; locations and SKUs must be known."""
    rows = _read(file, StockRow, lambda row: f"{row.location} {row.owner} {row.sku}")
    wrong = [f"{file}: location {row.location!r} is not in the layout" for row in rows
             if row.location not in locations]  # fmt: skip
    wrong += [f"{file}: SKU {row.sku!r} is not in the item file" for row in rows
              if row.sku not in skus]  # fmt: skip
    if wrong:
        raise CsvErrors(wrong)
    return rows


def _read(file: Path, model: type[R], identity: Callable[[R], str]) -> list[R]:
    problems: list[str] = []
    rows: dict[str, R] = {}
    for number, cells in _lines(file, model):
        try:
            row = model.model_validate(cells)
        except ValidationError as err:
            problems += [f"{file}:{number}: {_told(error)}" for error in err.errors()]
            continue
        if rows.setdefault(identity(row), row) is not row:
            problems.append(f"{file}:{number}: {identity(row)} stands here a second time")
    if problems:
        raise CsvErrors(problems)
    return list(rows.values())


def _lines(file: Path, model: type[_Row]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells. Raises CsvErrors when it is no text, or its heading is wrong."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            rows = csv.DictReader(text, restkey=BEYOND)
            if wrong := list(_heading(rows.fieldnames or (), model)):
                raise CsvErrors([f"{file}:1: {problem}" for problem in wrong])
            for cells in rows:
                yield rows.line_num, {k: v for k, v in cells.items() if v is not None}
    except (UnicodeDecodeError, csv.Error) as err:
        raise CsvErrors([f"{file}: is no CSV in UTF-8: {err}"]) from err


def _heading(found: Collection[str], model: type[_Row]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if field.is_required() and name not in found:
            yield f"column {name} is missing"
    for name in found:
        if name not in model.model_fields:
            yield f"column {name} is not known; there are {', '.join(model.model_fields)}"


def _told(error: object) -> str:
    assert isinstance(error, dict)
    column = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"the cell of {column} is missing"
    if column == BEYOND:
        return "there are more cells than columns"
    return f"{column}: {error['msg']} (found {error['input']!r})"


@dataclass(frozen=True, slots=True)
class Load:
    """What a load would do: observations with their source keys, and the report in words."""

    items: list[tuple[ItemDefined, str]]
    stock: list[tuple[StockOpened, str]]
    report: list[str]


def plan_load(
    items: list[ItemRow],
    stock: list[StockRow],
    known_item: Callable[[str], Item | None],
    known_stock: Callable[[str], Balance | None],
    by: str,
    at: datetime,
) -> Load:
    """Only rows that change something become observations; the rest is counted in the report."""
    defined = [_item(row, by, at) for row in items]
    before = {item: known_item(f"{item.owner}|{item.sku}") for item in defined}
    new_items = [item for item, known in before.items() if known is None or _changes(item, known)]
    opened, refused = _openings(stock, known_stock, by, at)
    report = [f"{len(new_items)} of {len(items)} items are new or changed"]
    report += [
        f"{item.sku}: {change}"
        for item, known in before.items()
        if known is not None
        for change in _changes(item, known)
    ]
    report += [f"{len(opened)} of {len(stock)} shelves are opened", *refused]
    return Load(
        [(item, f"item:{item.owner}:{item.sku}:{hash_of(item)}") for item in new_items],
        [(row, f"open:{row.location}:{row.owner}:{row.sku}") for row in opened],
        report,
    )


def hash_of(item: ItemDefined) -> str:
    """Equal for the same master data, whoever loads it whenever."""
    return f"{item.name}|{','.join(item.barcodes)}|{item.weight_g}|{item.case_size}"


def _item(row: ItemRow, by: str, at: datetime) -> ItemDefined:
    return ItemDefined(
        sku=Sku(row.sku),
        owner=Owner(row.owner),
        name=row.name,
        barcodes=tuple(Barcode(code) for code in row.barcodes),
        weight_g=row.weight_g,
        case_size=row.case_size,
        by=by,
        at=at,
    )


def _changes(new: ItemDefined, known: Item) -> list[str]:
    return [
        f"{name} {_plain(getattr(known, name))} becomes {_plain(getattr(new, name))}"
        for name in ("name", "barcodes", "weight_g", "case_size")
        if getattr(new, name) != getattr(known, name)
    ]


def _plain(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _openings(
    stock: list[StockRow], known: Callable[[str], Balance | None], by: str, at: datetime
) -> tuple[list[StockOpened], list[str]]:
    opened, refused = [], []
    for row in stock:
        account = Account(f"shelf:{row.location}")
        held = known(f"{account}|{row.owner}|{row.sku}")
        if held is None:
            opened.append(_opening(row, by, at))
        elif held.qty != row.qty:
            refused.append(f"{row.location} {row.sku}: file says {row.qty}, ledger {held.qty};"
                           " an opened shelf changes by counting only")  # fmt: skip
    return opened, refused


def _opening(row: StockRow, by: str, at: datetime) -> StockOpened:
    return StockOpened(
        location=LocationCode(row.location),
        owner=Owner(row.owner),
        sku=Sku(row.sku),
        qty=row.qty,
        by=by,
        at=at,
    )


def observations(load: Load) -> Iterator[tuple[ItemDefined | StockOpened, str]]:
    """Items first: a shelf of an unknown item is refused."""
    yield from load.items
    yield from load.stock
