"""`wedge tags`, `wedge write`: values of a running gateway's devices, seen and set by hand."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Any
from urllib.parse import quote

import typer

app = typer.Typer()
Data = Annotated[Path, typer.Option("--data", help="the running gateway's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
DATA = Path("var/wedge")
Row = dict[str, Any]


@app.command()
def tags(
    device: Annotated[str | None, typer.Argument(help="only this one")] = None,
    like: Annotated[str, typer.Option("--like", help="a part of DEVICE.TAG")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="go on: what changes, until ^C")] = False,
    every: Annotated[float, typer.Option("--every", min=0.1, help="seconds between looks")] = 0.5,
    seconds: Annotated[float | None, typer.Option("--for", help="end --watch by then")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Live values with quality, age and raw words. With --watch one line for each that changes."""
    if not watch:
        rows = _rows(data, device, like)
        print(json.dumps(rows)) if as_json else _table(rows)
        return
    end = monotonic() + seconds if seconds is not None else None
    for row in _changes(data, device, like, every, end):
        print(json.dumps(row) if as_json else _line(row), flush=True)


@app.command()
def write(
    tag: Annotated[str, typer.Argument(help="DEVICE.TAG", metavar="DEVICE.TAG")],
    value: Annotated[str, typer.Argument(help="in the tag's unit; true, 1.5, a name, [1, 2]")],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Write one tag and read it back. 0: done, 1: the answer is no, 2: it could not be asked."""
    from gateway.devicecli import asked, in_words

    device, dot, name = tag.partition(".")
    if not dot or not name:
        print("wedge: write DEVICE.TAG, for instance sorter1.speed_set", file=sys.stderr)
        raise typer.Exit(2)
    with in_words():
        path = f"/api/tags/{quote(device, safe='')}/{quote(name, safe='')}"
        status, said = asked(data, "POST", path, {"value": value})
    if as_json:
        print(json.dumps(said))
    elif status == 200:
        read = "written" if said["value"] is None else f"reads {_shown(said['value'])}"
        print(f"{tag}: {said['reason'] or read}")
    else:
        print(f"wedge: {tag}: {said.get('reason') or said.get('detail')}", file=sys.stderr)
    if status != 200:
        raise typer.Exit(1 if status == 409 else 2)


def _rows(data: Path, device: str | None, like: str) -> list[Row]:
    from gateway.devicecli import asked, in_words

    with in_words():
        path = "/api/tags" + (f"/{quote(device, safe='')}" if device else "")
        status, said = asked(data, "GET", f"{path}?like={quote(like, safe='')}")
    if status != 200:
        print(f"wedge: {said.get('detail', status)}", file=sys.stderr)
        raise typer.Exit(2)
    rows: list[Row] = said
    return rows


def _changes(
    data: Path, device: str | None, like: str, every: float, end: float | None
) -> Iterator[Row]:
    known: dict[tuple[str, str], tuple[Any, ...]] = {}
    while end is None or monotonic() < end:
        for row in _rows(data, device, like):
            name, shown = (row["device"], row["tag"]), (row["value"], row["quality"], row["reason"])
            if known.get(name) != shown:
                known[name] = shown
                yield row
        sleep(every)


def _table(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = ("tag", "value", "unit", "quality", "age", "raw", "address", "access")
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        age = "-" if row["age_s"] is None else f"{row['age_s']:.2f} s"
        told = (_name(row), _shown(row["value"]), row["unit"], _quality(row), age)
        table.add_row(*told, _hex(row["raw"]), row["address"], row["access"])
    wide = Console().is_terminal
    Console(width=None if wide else 200, markup=False).print(table)


def _line(row: Row) -> str:
    at = (row["at"] or "")[11:23]
    value = f"{_shown(row['value'])} {row['unit']}".strip()
    return f"{at:12} {_name(row):32} {value:24} {_quality(row)}".rstrip()


def _name(row: Row) -> str:
    return f"{row['device']}.{row['tag']}"


def _quality(row: Row) -> str:
    return f"{row['quality']}: {row['reason']}" if row["reason"] else str(row["quality"])


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(_shown, value)) if isinstance(value, list) else str(value)


def _hex(words: list[int]) -> str:
    return " ".join(f"{word:04X}" for word in words)
