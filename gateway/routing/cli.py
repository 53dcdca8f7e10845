"""`wedge route`, `wedge batch`, `wedge layout`: routing for whoever has a layout and no gateway.

A stream (`-`) answers each line before it reads the next: a program can talk to it through a pipe.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # a question needs neither the site's files nor a plan before it is read
    from gateway.routing.answers import Answerer, Told
    from routing.layout import Layout

app = typer.Typer()
STREAM = "-"
LONGEST_LINE = 64 << 20

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
            _stream(layout, svg, answerer)
            return
        told = answerer(layout, Path(request).read_bytes())
        if svg and told.tours:
            svg.write_text(_picture(layout, told), encoding="utf-8")
    _say(told)
    raise typer.Exit(0 if told.tours else 1)


def _stream(layout: "Layout", svg: Path | None, answerer: "Answerer") -> None:
    if svg is not None:
        raise typer.BadParameter("a picture shows one request, not a stream", param_hint="--svg")
    for line in iter(lambda: sys.stdin.buffer.readline(LONGEST_LINE), b""):
        _say(answerer(layout, line))


def _say(told: "Told") -> None:
    print(json.dumps(told.answer, ensure_ascii=False), flush=True)


def _picture(layout: "Layout", told: "Told") -> str:
    from routing.svg import Walk, picture

    several = len(told.tours) > 1
    walks = [
        Walk(tour, f"batch {n}", f"{n}.") if several else Walk(tour)
        for n, tour in enumerate(told.tours, 1)
    ]
    return picture(layout, walks, blocked=told.blocked, closed=told.closed)
