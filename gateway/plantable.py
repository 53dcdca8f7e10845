"""`wedge map plan` as rows and as tables."""

from typing import Any

from rich.console import Console
from rich.table import Table

from devices.map.plan import Asked, LinePlan, lines_of
from devices.map.schema import DeviceMap


def as_rows(map: DeviceMap) -> list[dict[str, Any]]:
    return [_row(line) for line in lines_of(map)]


def _row(line: LinePlan) -> dict[str, Any]:
    return {
        "connection": line.name,
        "type": line.type,
        "devices": list(line.devices),
        "tags": line.tags,
        "reads": [_read(read) for read in line.reads],
        "registers": line.registers,
        "requests_s": round(line.requests_s, 3),
        "load_percent": round(100 * line.load, 1) if line.reads else None,
        "longest_ms": round(1000 * line.longest_s, 1) if line.reads else None,
        "round_ms": round(1000 * line.round_s, 1) if line.reads else None,
    }


def _read(read: Asked) -> dict[str, Any]:
    block = read.block
    return {
        "device": read.device,
        "unit": read.unit,
        "table": block.table,
        "first": block.first,
        "count": block.count,
        "every_ms": None if block.every_s is None else round(1000 * block.every_s, 3),
        "takes_ms": round(1000 * read.takes_s, 1),
        "tags": list(block.tags),
    }


def print_plan(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(f"{row['connection']} ({row['type']}): {', '.join(row['devices'])}; {_asked(row)}")
    reads = _table("device", "unit", "read", "every", "takes", "tags")
    for read in (read for row in rows for read in row["reads"]):
        span = f"{read['table']}:{read['first']}-{read['first'] + read['count'] - 1}"
        every = "once" if read["every_ms"] is None else _ms(read["every_ms"])
        cells = (read["device"], str(read["unit"]), span, every, _ms(read["takes_ms"]))
        reads.add_row(*cells, str(len(read["tags"])))
    if reads.row_count:
        print()
        Console().print(reads)


def _asked(row: dict[str, Any]) -> str:
    often = f"{row['requests_s']:g} requests/s"
    if not row["reads"]:
        return f"{row['tags']} tags, all in one request, {often}"
    return (
        f"{row['tags']} tags in {len(row['reads'])} reads of {row['registers']} registers,"
        f" {often}, {row['load_percent']:g} % of the line's time; the longest poll takes"
        f" {_ms(row['longest_ms'])}, all once {_ms(row['round_ms'])}"
    )


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="bold")


def _ms(value: float) -> str:
    return f"{value:g} ms"
