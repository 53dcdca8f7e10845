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
    from gateway.routing.answers import Answer, Answerer
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


@contextmanager
def in_words() -> Iterator[None]:
    """A file that is wrong or not there ends in words and exit code 2."""
    from devices.map.load import MapErrors
    from routing.errors import LayoutError

    try:
        yield
    except (MapErrors, LayoutError) as err:
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
def route(layout: LayoutFile, request: Request) -> None:
    """Shortest walks through picks: an answer, or {error, nodes, reason}, for each request."""
    from gateway.routing.answers import path

    _answer(layout, request, path)


def _answer(file: Path, request: str, answerer: "Answerer") -> None:
    with in_words():
        layout = _read(file)
        if request == STREAM:
            _stream(layout, answerer)
            return
        text = Path(request).read_bytes()
    answer = answerer(layout, text)
    _say(answer)
    raise typer.Exit(1 if "error" in answer else 0)


def _stream(layout: "Layout", answerer: "Answerer") -> None:
    for line in iter(lambda: sys.stdin.buffer.readline(LONGEST_LINE), b""):
        _say(answerer(layout, line))


def _say(answer: "Answer") -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)


def _read(file: Path) -> "Layout":
    from devices.map.files import load_plain
    from routing.layout import layout_from

    data = json.loads(file.read_text()) if file.suffix == ".json" else load_plain(file)
    return layout_from(data, file.stem)
