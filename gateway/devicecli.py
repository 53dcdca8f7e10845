"""`wedge device`, `wedge reload`, `wedge ready`: a running gateway is asked, and says what came of
it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.later import later
from wcs.names import Mode

if TYPE_CHECKING:
    from gateway import reports
else:
    reports = later("gateway.reports")

app = typer.Typer()
device_app = typer.Typer(no_args_is_help=True, help="Devices: their modes, units and simulators.")
app.add_typer(device_app, name="device")

Device = Annotated[str, typer.Argument(help="its name in the map")]
Data = Annotated[Path, typer.Option("--data", help="the running gateway's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
DATA = Path("var/wedge")
PATIENCE_S = 90.0
"""A replaced unit is tried, a simulator started."""


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except (reports.NotThere, OSError) as err:
        print(f"wedge: {err}", file=sys.stderr)
        raise typer.Exit(2) from None


def asked(data: Path, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON. Raises NotThere."""
    import httpx

    url, headers = reports.running(data)
    try:
        answer = httpx.request(
            method, url + path, json=body, headers=headers, timeout=PATIENCE_S, trust_env=False
        )
        said = answer.json()
    except (httpx.HTTPError, ValueError) as err:
        raise reports.NotThere(f"the gateway at {url} does not answer ({err!r})") from err
    return answer.status_code, said


def act(data: Path, path: str, body: Any, done: str, as_json: bool) -> None:
    """Exit code 0 done, 1 the answer is no, 2 it could not be asked."""
    with in_words():
        status, said = asked(data, "POST", path, body)
    no = said.get("reason") or str(said.get("detail", status))
    if as_json:
        print(json.dumps(said))
    elif status == 200:
        print(said.get("reason") or done)
    else:
        print(f"wedge: {no}", file=sys.stderr)
    if status != 200:
        raise typer.Exit(1 if status == 409 else 2)


def read(data: Path, path: str, as_json: bool, table: Callable[[Any], None]) -> Any:
    with in_words():
        status, said = asked(data, "GET", path)
    if status != 200:
        print(f"wedge: {said.get('detail', status)}", file=sys.stderr)
        raise typer.Exit(2)
    if as_json:
        print(json.dumps(said))
    else:
        table(said)
    return said


@device_app.command("list")
def list_(data: Data = DATA, as_json: AsJson = False) -> None:
    """Every device with its mode and its health."""
    read(data, "/api/devices", as_json, _devices)


def _devices(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        marks = "".join(
            f"  {mark}"
            for mark, on in (("SIMULATED", "simulated"), ("REPLACED", "binding"))
            if row[on]
        )
        why = "" if row["why"] == "connected" else f": {row['why']}"
        print(f"{row['id']:14} {row['kind']:20} {row['mode']:10} {row['health']}{why}{marks}")


@device_app.command("mode")
def mode(device: Device, mode: Mode, data: Data = DATA, as_json: AsJson = False) -> None:
    """off, observe (reads, never writes), manual (people only) or automatic."""
    act(data, f"/api/devices/{device}/mode", {"mode": mode}, f"{device}: {mode}", as_json)


@device_app.command("observe")
def observe(device: Device, data: Data = DATA, as_json: AsJson = False) -> None:
    """What Wedge would have chosen, beside what the old system did: the last 200 cartons."""
    read(data, f"/api/devices/{device}/observed", as_json, _observed)


def _observed(found: dict[str, Any]) -> None:
    if found["agreement"] is None:
        print(
            f"{found['sorter']}: nothing to compare yet; `wedge device mode"
            f" {found['sorter']} observe` begins it"
        )
        return
    print(f"{found['agreement']} % agree: {found['agreed']} of the last {found['compared']}")
    for row in found["rows"]:
        ours = f"lane {row['wedge']}" if row["wedge"] else "-"
        differs = "  DIFFERS" if row["agrees"] is False else ""
        name = row["carton"] or f"track {row['track']}"
        print(
            f"{row['at'][11:19]} {name:12} wedge {ours:8} went lane {row['went']}"
            f" ({row['result']}){differs}  {row['why']}"
        )


@device_app.command("replace")
def replace(
    device: Device,
    host: Annotated[str, typer.Option(help="new address")] = "",
    port: Annotated[str, typer.Option(help="new TCP port, or path of a serial port")] = "",
    url: Annotated[str, typer.Option(help="new OPC UA endpoint")] = "",
    usb: Annotated[str, typer.Option(help="vendor:product of a USB device")] = "",
    serial: Annotated[str, typer.Option(help="serial number: USB device or vehicle")] = "",
    unit: Annotated[str, typer.Option(help="unit on a Modbus line")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="take the last replacement back")] = False,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Bind another unit to the old place: it is tried, then taken; no file is edited."""
    body = {"host": host, "port": port, "url": url, "usb": usb, "serial": serial, "unit": unit}
    if undo:
        act(data, f"/api/devices/{device}/undo", None, f"{device}: as it was before", as_json)
        return
    act(data, f"/api/devices/{device}/replace", body, f"{device}: replaced", as_json)


@device_app.command("simulate")
def simulate(
    device: Device,
    to: Annotated[str, typer.Argument(help="on or off")],
    yes: Annotated[bool, typer.Option("--yes", help="even if it moves goods")] = False,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Put a simulator in the place of one device, or the real one back."""
    done = f"{device} is SIMULATED" if to == "on" else f"{device} is the real one"
    body = {"to": to, "sure": "yes" if yes else "no"}
    act(data, f"/api/devices/{device}/simulate", body, done, as_json)


@device_app.command("door")
def door(
    device: Device,
    to: Annotated[str, typer.Argument(help="open, closed, or free: nobody's wish any more")],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Open or close a door; what is wanted of it is ordered again until that changes."""
    done = f"{device}: let go of" if to == "free" else f"{device} shall be {to}"
    act(data, f"/api/doors/{device}", {"to": to}, done, as_json)


@app.command()
def reload(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what is different")] = False,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Take the site's files as they are now: only what changed is swapped."""
    if not dry_run:
        act(data, "/api/reload", None, "reloaded", as_json)
        return
    with in_words():
        status, said = asked(data, "GET", "/api/reload")
    if as_json:
        print(json.dumps(said))
    elif status == 200:
        told = [f"{part}: {row}" for part, rows in said.items() for row in rows]
        print("\n".join(told) or "nothing is different")
    else:
        print(f"wedge: {said.get('reason') or said.get('detail')}", file=sys.stderr)
    raise typer.Exit(0 if status == 200 else 1 if status == 409 else 2)


@app.command()
def ready(data: Data = DATA, as_json: AsJson = False) -> None:
    """Look at everything before a shift and keep it: 0 nothing is bad, 1 something is. What needs a
    person (lamps, test scans) is done on /ready, and skipped where nobody did it."""
    with in_words():
        status, said = asked(data, "POST", "/api/ready")
    if status != 200:
        print(f"wedge: {said.get('detail', status)}", file=sys.stderr)
        raise typer.Exit(2)
    if as_json:
        print(json.dumps(said))
    else:
        _ready(said)
    raise typer.Exit(0 if said["ready"] else 1)


def _ready(said: dict[str, Any]) -> None:
    for line in said["lines"]:
        mark = {"good": "good", "bad": "BAD", "skipped": "to do"}[line["state"]]
        remedy = f"  -> {line['remedy']}" if line["remedy"] else ""
        print(f"{mark:6} {line['check']:18} {line['device'] or '':12} {line['found']}{remedy}")
    print("nothing is bad" if said["ready"] else "NOT READY")


@app.command()
def audit(
    device: Annotated[str | None, typer.Option(help="only what was done to it")] = None,
    by: Annotated[str | None, typer.Option(help="only what they did")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many rows")] = 50,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """What people did, newest first; reads beside the gateway."""
    from gateway.auditing import acts

    with in_words(), reports.database(data) as conn:
        rows = acts(conn, device=device, by=by, limit=limit, data=data)
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        change = f"  {row['old']} -> {row['new']}" if row["new"] else ""
        no = f"  {row['outcome']}: {row['reason']}" if row["outcome"] != "accepted" else ""
        print(f"{row['at'][:19]} {row['by']:10} {row['act']:16} {row['what']}{change}{no}")
