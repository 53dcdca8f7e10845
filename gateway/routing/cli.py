"""`wedge route`, `wedge batch`, `wedge layout`: routing for whoever has a layout and no gateway.

A stream (`-`) answers each line before it reads the next: a program can talk to it through a pipe.
"""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:  # a question needs neither the site's files nor a plan before it is read
    from gateway.routing.answers import Answerer, Told
    from routing.layout import Layout

app = typer.Typer()
layout_app = typer.Typer(no_args_is_help=True, help="Layout files: checked, and written anew.")
app.add_typer(layout_app, name="layout")
STREAM = "-"
LONGEST_LINE = 64 << 20
Form = Literal["json", "lif", "geojson", "svg"]

LayoutFile = Annotated[
    Path, typer.Argument(help="YAML, JSON or LIF", metavar="LAYOUT", show_default=False)
]
Request = Annotated[
    str, typer.Argument(help="a JSON file, or - for one JSON request per line", show_default=False)
]

Svg = Annotated[Path | None, typer.Option("--svg", help="draw the answer into this file")]


@contextmanager
def in_words() -> Iterator[None]:
    """A file that is wrong or not there ends in words and exit code 2."""
    from routing.errors import LayoutError

    try:
        yield
    except LayoutError as err:
        told = str(err)
    except UnicodeDecodeError as err:
        told = f"not UTF-8: {err.reason} at byte {err.start}"
    except OSError as err:
        told = f"{err.filename}: {err.strerror}" if err.filename else str(err)
    else:
        return
    print(f"wedge: {told}", file=sys.stderr)
    raise typer.Exit(2)


@app.command()
def route(layout: LayoutFile, request: Request, svg: Svg = None) -> None:
    """Shortest walks through picks: an answer, or {error, nodes, reason}, for each request."""
    from gateway.routing.answers import path

    _answer(layout, request, svg, path)


@app.command()
def batch(layout: LayoutFile, request: Request, svg: Svg = None) -> None:
    """Orders put together so that all walks are short: an answer or an error for each request."""
    from gateway.routing.answers import batches

    _answer(layout, request, svg, batches)


def _answer(file: Path, request: str, svg: Path | None, answerer: "Answerer") -> None:
    from gateway.layoutfile import read_layout

    with in_words():
        layout = read_layout(file)
        if request == STREAM:
            with _until_nobody_listens():
                _stream(layout, svg, answerer)
            return
        told = answerer(layout, Path(request).read_bytes())
        _say(told)
        if svg and told.tours:
            svg.write_text(_picture(layout, told), encoding="utf-8")
    raise typer.Exit(0 if told.tours else 1)


def _stream(layout: "Layout", svg: Path | None, answerer: "Answerer") -> None:
    """One answer for each line, before the next is read; 1 when one of them was our own mistake."""
    if svg is not None:
        raise typer.BadParameter("a picture shows one request, not a stream", param_hint="--svg")
    failed = False
    for line in iter(lambda: sys.stdin.buffer.readline(LONGEST_LINE), b""):
        try:
            told = answerer(layout, line)
        except (
            Exception
        ) as err:  # our own mistake: the questions behind it are answered all the same
            traceback.print_exc()
            told, failed = _failed(err), True
        _say(told)
    raise typer.Exit(1 if failed else 0)


@contextmanager
def _until_nobody_listens() -> Iterator[None]:
    """Whoever closes the pipe has heard enough."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # its last flush at exit


def _failed(err: Exception) -> "Told":
    from gateway.routing.answers import Told, refusal

    return Told(refusal("failed", (), f"a mistake in Wedge: {type(err).__name__}: {err}"))


def _say(told: "Told") -> None:
    print(json.dumps(told.answer), flush=True)  # in ASCII: one line wherever it is read


def _picture(layout: "Layout", told: "Told") -> str:
    from routing.svg import Walk, picture

    several = len(told.tours) > 1
    walks = [
        Walk(tour, f"batch {n}", f"{n}.") if several else Walk(tour)
        for n, tour in enumerate(told.tours, 1)
    ]
    return picture(layout, walks, blocked=told.blocked, closed=told.closed)


@layout_app.command("check")
def layout_check(
    file: LayoutFile, as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False
) -> None:
    """Read a layout; every mistake with its file, line and id. Exit code 1 when there are some."""
    from gateway.layoutfile import read_layout
    from routing.errors import LayoutError

    found: dict[str, Any] = {"problems": []}
    with in_words():
        try:
            found |= _content(read_layout(file))
        except LayoutError as err:
            found["problems"] = [str(problem) for problem in err.problems]
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(found["problems"]) or _in_one_line(file, found))
    raise typer.Exit(1 if found["problems"] else 0)


def _content(layout: "Layout") -> dict[str, Any]:
    return {
        "version": layout.version,
        "nodes": len(layout.nodes),
        "edges": len(layout.edges),
        "one_way": sum(edge.one_way for edge in layout.edges),
        "locations": len(layout.locations),
        "floors": len({node.floor for node in layout.nodes.values()}),
    }


def _in_one_line(file: Path, found: dict[str, Any]) -> str:
    counts = [
        f"{found[what]} {what.replace('_', '-')}"
        for what in ("nodes", "edges", "one_way", "locations", "floors")
    ]
    return f"{file}: {', '.join(counts)}; version {found['version']}"


@layout_app.command("convert")
def layout_convert(
    file: LayoutFile,
    to: Annotated[Form, typer.Option(help="what to write")],
    out: Annotated[Path | None, typer.Option(help="into this file, else to stdout")] = None,
) -> None:
    """Write a layout as a JSON graph, VDMA LIF, GeoJSON, or a picture."""
    from gateway.layoutfile import read_layout

    with in_words():
        text = _written(read_layout(file), to)
        if out:
            out.write_text(text, encoding="utf-8")
        else:
            print(text, end="")


def _written(layout: "Layout", form: Form) -> str:
    from gateway.layoutfile import write_layout
    from routing.svg import picture

    return picture(layout) if form == "svg" else write_layout(layout, form)
