"""`wedge check` and `wedge map`: device maps checked, compared, written anew and tried on the wire.
No gateway is needed."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()
map_app = typer.Typer(no_args_is_help=True, help="Device maps: compared, written anew, tried.")
app.add_typer(map_app, name="map")

DEMO = Path("config/demo")
Config = Annotated[Path, typer.Argument(help="the site's folder, or a device map")]
Overlay = Annotated[Path | None, typer.Option("--overlay", help="addresses of simulators")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Csv = Annotated[Path | None, typer.Option("--csv", help="a table: one row a tag")]
Data = Annotated[Path, typer.Option("--data", help="where certificates and secrets lie")]
DATA = Path("var/wedge")
Out = Annotated[Path | None, typer.Option("--out", help="write here; otherwise it is printed")]


@contextmanager
def in_words() -> Iterator[None]:
    """A file that is wrong or not there ends in words and exit code 2."""
    from devices.map.load import MapErrors

    try:
        yield
    except MapErrors as err:
        told = str(err)
    except UnicodeDecodeError as err:
        told = f"not text in UTF-8: {err.reason} at byte {err.start}"
    except OSError as err:
        told = f"{err.filename}: {err.strerror}" if err.filename else str(err)
    else:
        return
    print(f"wedge: {told}", file=sys.stderr)
    raise typer.Exit(2)


def _mistake(told: str) -> typer.Exit:
    print(f"wedge: {told}", file=sys.stderr)
    return typer.Exit(2)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=1, ensure_ascii=False))


def _give(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, "utf-8")


@app.command()
def check(config: Config = DEMO, overlay: Overlay = None, as_json: AsJson = False) -> None:
    """Check a site's files; nothing is opened. 0: clean, 1: wrong, 2: not readable."""
    from devices.map.text import UNREADABLE
    from gateway.checking import as_rows, exit_code
    from gateway.checking import check as looked_at

    with in_words():
        found = looked_at(config, overlay)
    if as_json:
        _print_json(as_rows(found))
        raise typer.Exit(exit_code(found))
    for one in found:
        if one.code == UNREADABLE:
            print(f"{one.place}: {one.text}", file=sys.stderr)
        else:
            print(one)
    if not found:
        print("clean: nothing to complain of")
    raise typer.Exit(exit_code(found))


@map_app.command()
def schema(out: Out = None) -> None:
    """JSON Schema of device maps, for editors."""
    from devices.map.schema_json import json_schema

    with in_words():
        _give(json.dumps(json_schema(), indent=1) + "\n", out)


@map_app.command()
def export(config: Config = DEMO, csv: Csv = None) -> None:
    """A device map as CSV, one row a tag; only comments are lost."""
    from devices.map.csv import plain_of, table
    from devices.map.load import MapErrors, read_map

    with in_words():
        draft = read_map(config)
        if draft.errors:
            raise MapErrors(draft.errors)
        _give(table(plain_of(draft.tree)), csv)


@map_app.command("import")
def import_(
    csv: Csv = None,
    opcua: Annotated[
        str | None, typer.Option("--opcua", help="opc.tcp://..., or a connection of --into")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="a map that this is laid over")
    ] = None,
    prefix: Annotated[str, typer.Option("--prefix", help="only below: Merge.Lane1")] = "",
    device: Annotated[str, typer.Option("--device", help="what it is called")] = "server1",
    out: Out = None,
    data: Data = DATA,
) -> None:
    """A device map from CSV or from an OPC UA server, checked as it is read."""
    from devices.map.csv import plain_of, read_table
    from devices.map.load import MapErrors, read_map, understood
    from devices.map.text import Part
    from devices.map.writing import yaml

    if (csv is None) == (opcua is None):
        raise _mistake("what shall be imported? --csv FILE or --opcua URL")
    with in_words():
        base: Part | None = None
        if into is not None:
            draft = read_map(into)
            if draft.errors and csv is None:
                raise MapErrors(draft.errors)
            base = draft.tree
        if csv is not None:
            found = read_table(csv.read_text("utf-8"), str(csv), base)
            tree, errors = found.tree, found.errors
        else:
            tree, errors = _browsed(str(opcua), base, prefix, device, data), []
        made = understood(tree, errors)
        if made.errors:
            raise MapErrors(made.errors)
        _give(yaml(plain_of(made.tree)), out)


def _browsed(where: str, base: Any, prefix: str, name: str, data: Path) -> Any:
    """The tree of a map with everything that the server has."""
    from devices.map.csv import plain_of
    from devices.map.text import Spot, part
    from gateway.browsing import NotBrowsed, browsed

    try:
        tree, count = browsed(
            where, plain_of(base) if base is not None else None, prefix, name, data
        )
    except NotBrowsed as err:
        raise _mistake(str(err)) from None
    print(f"{count} tags", file=sys.stderr)
    return part(tree, Spot(where, 0, 0))


@map_app.command()
def diff(before: Path, after: Path, as_json: AsJson = False) -> None:
    """What is different between two maps. 0: nothing, 1: something."""
    from devices.map.diff import devices_of
    from devices.map.diff import diff as between
    from devices.map.load import load_map

    with in_words():
        new = load_map(after)
        changes = between(load_map(before), new)
    if as_json:
        rows = [
            {"what": c.what, "path": ".".join(c.path), "before": c.before, "after": c.after}
            for c in changes
        ]
        _print_json({"changes": rows, "devices": devices_of(changes, new)})
    else:
        for change in changes:
            print(change)
        print(f"devices to be swapped: {', '.join(devices_of(changes, new)) or 'none'}")
    raise typer.Exit(int(bool(changes)))


@map_app.command()
def plan(config: Config = DEMO, overlay: Overlay = None, as_json: AsJson = False) -> None:
    """What the polls of each connection take: requests, registers, load."""
    from devices.map.load import load_map
    from gateway.plantable import as_rows, print_plan
    from gateway.settings import SettingsError, read_overlay

    with in_words():
        try:
            rows = as_rows(load_map(config, read_overlay(overlay).connections))
        except SettingsError as err:
            raise _mistake(str(err)) from None
    if as_json:
        _print_json(rows)
    else:
        print_plan(rows)


@map_app.command()
def probe(
    device: Annotated[str, typer.Argument(help="its name in the map")],
    config: Annotated[Path, typer.Option("--config", help="the site's folder")] = DEMO,
    overlay: Overlay = None,
    data: Data = DATA,
    through_gateway: Annotated[
        bool, typer.Option("--through-gateway", help="what the running gateway reads")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read each tag once: raw words, the value, and all four word orders. Nothing is written."""
    from devices.errors import DeviceError
    from devices.map.load import load_map
    from gateway import probing
    from gateway.reports import NotThere
    from gateway.settings import SettingsError, read_overlay

    way = probing.probe_through_gateway if through_gateway else probing.probe
    with in_words():
        try:
            device_map = load_map(config, read_overlay(overlay).connections)
            found = way(device_map, device, data)
        except (DeviceError, NotThere, SettingsError, probing.NoProbe) as err:
            raise _mistake(str(err)) from None
    if as_json:
        _print_json(probing.as_rows(found))
    else:
        probing.print_probed(found)
    raise typer.Exit(int(any(one.error for one in found)))
