"""`wedge condition`, `wedge call`: what a person lets a device of the running gateway do."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from gateway.devicecli import asked, in_words, read

app = typer.Typer()
condition_app = typer.Typer(no_args_is_help=True, help="Alarms that devices tell of.")
app.add_typer(condition_app, name="condition")
Data = Annotated[Path, typer.Option("--data", help="the running gateway's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
DATA = Path("var/wedge")


@condition_app.command("list")
def list_(data: Data = DATA, as_json: AsJson = False) -> None:
    """Every alarm, active or not acknowledged or over."""
    read(data, "/api/conditions", as_json, _table)


@condition_app.command("ack")
def ack(
    tag: Annotated[str, typer.Argument(help="DEVICE.TAG", metavar="DEVICE.TAG")],
    comment: Annotated[str, typer.Option(help="what was seen or done")] = "",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Tell the device that its alarm was seen. 0: done, 1: the answer is no, 2: not asked."""
    device, name = _parts(tag, "condition ack DEVICE.TAG")
    _do(data, f"/api/conditions/{device}/{name}", {"comment": comment}, tag, as_json)


@app.command()
def call(
    method: Annotated[str, typer.Argument(help="DEVICE.METHOD", metavar="DEVICE.METHOD")],
    values: Annotated[list[str] | None, typer.Argument(help="NAME=VALUE ...")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Call a method of the map, once. 0: done, 1: the answer is no, 2: not asked."""
    device, name = _parts(method, "call DEVICE.METHOD NAME=VALUE")
    given = dict(_pair(value) for value in values or ())
    _do(data, f"/api/methods/{device}/{name}", {"values": given}, method, as_json)


def _do(data: Path, path: str, body: Any, what: str, as_json: bool) -> None:
    with in_words():
        status, said = asked(data, "POST", path, body)
    if as_json:
        print(json.dumps(said))
    elif status == 200:
        gave = ", ".join(f"{name} {value}" for name, value in said["gave"].items())
        print(f"{what}: {gave or said['outcome']}")
    else:
        print(f"wedge: {what}: {said.get('reason') or said.get('detail')}", file=sys.stderr)
    if status != 200:
        raise typer.Exit(1 if status == 409 else 2)


def _parts(text: str, usage: str) -> tuple[str, str]:
    device, dot, name = text.partition(".")
    if not dot or not name:
        print(f"wedge: {usage}: {text!r} has no dot", file=sys.stderr)
        raise typer.Exit(2)
    return quote(device, safe=""), quote(name, safe="")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        print(f"wedge: {text!r} is not NAME=VALUE", file=sys.stderr)
        raise typer.Exit(2)
    return name, value


def _table(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(f"{row['device']}.{row['tag']:20} {row['state']:26} {row['text']}")
    if not rows:
        print("no device tells of an alarm")
