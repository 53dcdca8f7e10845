"""The command line: `wedge --help`. Errors go to stderr in words, exit codes mean something:
0 done, 1 the answer is no, 2 a mistake of the user."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from gateway.devicecli import app as device_app
from gateway.doingcli import app as doing_app
from gateway.later import later
from gateway.mapcli import app as map_app
from gateway.pki_cli import app as pki_app
from gateway.routing.cli import app as routing_app
from gateway.tagcli import app as tag_app
from wcs.model import OrderState

if TYPE_CHECKING:
    from gateway import reports
else:  # half a second that `wedge route` does not pay
    reports = later("gateway.reports")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Wedge, the warehouse edge gateway.",
)


class ListFirst(TyperGroup):
    """`wedge stock` and `wedge outbox` without a verb list."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        verb = args[:1] and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if verb else ["list", *args])


outbox_app = typer.Typer(cls=ListFirst, help="Messages to the hosts; `list` if nothing is said.")
stock_app = typer.Typer(
    cls=ListFirst, help="The ledger, and loading it from CSV; `list` if nothing is said."
)
people_app = typer.Typer(no_args_is_help=True, help="Who may do what.")
app.add_typer(outbox_app, name="outbox")
app.add_typer(people_app, name="people")
app.add_typer(stock_app, name="stock")
app.add_typer(routing_app)
app.add_typer(device_app)
app.add_typer(map_app)
app.add_typer(tag_app)
app.add_typer(doing_app)
app.add_typer(pki_app)

Config = Annotated[Path, typer.Argument(help="the site's folder", show_default=True)]
Data = Annotated[Path, typer.Option("--data", help="where the gateway keeps its database")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="how many rows")]
Overlay = Annotated[Path | None, typer.Option("--overlay", help="addresses of simulators")]
DEMO = Path("config/demo")
GATEWAY = "http://127.0.0.1:8080"
DATA = Path("var/wedge")
OutboxState = Literal["waiting", "leased", "unknown", "parked", "done"]


@contextmanager
def in_words() -> Iterator[None]:
    """A user's mistake ends in one sentence and exit code 2, never in a traceback."""
    from devices.map.load import MapErrors
    from gateway.auth import AuthError
    from gateway.csvload import CsvErrors
    from gateway.settings import SettingsError
    from sync.failures import StoreError

    try:
        yield
    except (
        MapErrors,
        SettingsError,
        CsvErrors,
        AuthError,
        StoreError,
        reports.NotThere,
    ) as err:
        told = str(err)
    except OSError as err:
        told = f"{err.filename}: {err.strerror}" if err.filename else str(err)
    else:
        return
    print(f"wedge: {told}", file=sys.stderr)
    raise typer.Exit(2)


def show(rows: Any, as_json: bool, table: Callable[[Any], None]) -> None:
    if as_json:
        print(json.dumps(rows, default=datetime.isoformat))
    else:
        table(rows)


@app.command()
def run(
    config: Config = DEMO,
    data: Data = DATA,
    overlay: Overlay = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    tls_cert: Annotated[Path | None, typer.Option(help="certificate, PEM")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="its key, PEM")] = None,
) -> None:
    """Run the gateway of a site."""
    with in_words():
        from gateway.app import Place, serve

        serve(Place(config, data, overlay, host, port, tls_cert, tls_key))


@app.command()
def demo(
    orders: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="orders the shop places (50 to judge, 200 to watch)"),
    ] = None,
    seed: Annotated[int, typer.Option(help="fixes fates of orders and cartons")] = 7,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="how fast people walk")] = 10,
    faults: Annotated[bool, typer.Option("--faults", help="break things by seed")] = False,
    exit: Annotated[bool, typer.Option("--exit", help="end when all orders ended")] = False,
    as_json: AsJson = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="of the page; 0 is any")] = 0,
    config: Annotated[Path, typer.Option("--config")] = DEMO,
    data: Annotated[Path | None, typer.Option("--data", help="keep the run here")] = None,
) -> None:
    """A whole simulated warehouse around a real gateway."""
    given = {"orders": orders, "seed": seed, "speed": speed, "port": port, "config": config}
    flags = [
        name for name, on in (("--faults", faults), ("--exit", exit), ("--json", as_json)) if on
    ]
    _become("simulators.demo", {**given, "data": data}, flags)


@app.command()
def simulate(
    config: Config = DEMO,
    only: Annotated[list[str] | None, typer.Option("--only", help="just this device")] = None,
    run_folder: Annotated[Path, typer.Option("--run", help="overlay and logs")] = Path("var/sim"),
    seed: Annotated[int, typer.Option()] = 7,
    speed: Annotated[float, typer.Option(min=0.1, max=100)] = 1,
    orders: Annotated[int, typer.Option(min=0, max=10_000)] = 0,
    url: Annotated[str, typer.Option("--gateway", help="where the gateway will listen")] = GATEWAY,
    token: Annotated[
        str | None, typer.Option(help="of the staff's handhelds: wedge people token staff")
    ] = None,
) -> None:
    """Start the simulators of a site and write the overlay with their addresses."""
    given: dict[str, object] = {"config": config, "run": run_folder, "seed": seed}
    given |= {"speed": speed, "orders": orders}
    given |= {"gateway": url, "token": token}
    _become("simulators.simulate", given, [f"--only={one}" for one in only or ()])


def _become(module: str, given: dict[str, object], flags: list[str]) -> NoReturn:
    """Simulators are programs of their own: the gateway never imports them."""
    values = [f"--{name}={value}" for name, value in given.items() if value is not None]
    os.execv(sys.executable, [sys.executable, "-m", module, *values, *flags])


@app.command()
def orders(
    data: Data = DATA,
    state: Annotated[OrderState | None, typer.Option(help="only in this state")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Orders with state, reason and carton."""
    with in_words():
        rows = reports.orders(data, state, limit)
    show(rows, as_json, reports.orders_table)


@stock_app.command("list")
def stock_list(
    data: Data = DATA,
    sku: Annotated[str | None, typer.Option(help="OWNER|SKU")] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """Balances of the ledger, account by account."""
    with in_words():
        rows = reports.stock(data, sku, limit)
    show(rows, as_json, reports.stock_table)


@stock_app.command("load")
def stock_load(
    config: Config = DEMO,
    items: Annotated[Path | None, typer.Option(help="item CSV")] = None,
    stock: Annotated[Path | None, typer.Option(help="opening stock CSV")] = None,
    data: Data = DATA,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would change")] = False,
    as_json: AsJson = False,
) -> None:
    """Load locations, items and opening stock; an opened shelf changes by counting only."""
    from gateway.loading import load_into

    with in_words():
        loaded = load_into(config, data, items, stock, dry_run=dry_run)
    told = {"changed": not dry_run, "report": loaded.report, "refused": loaded.refused}
    show(told, as_json, reports.load_lines)
    raise typer.Exit(1 if loaded.refused else 0)


@outbox_app.command("list")
def outbox_list(
    data: Data = DATA,
    state: Annotated[OutboxState | None, typer.Option(help="only in this state")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """The newest messages, without bodies."""
    with in_words():
        rows = reports.outbox(data, state, limit)
    show(rows, as_json, reports.outbox_table)


@outbox_app.command("show")
def outbox_show(message: str, data: Data = DATA, as_json: AsJson = True) -> None:
    """One message whole, always as JSON."""
    with in_words():
        print(json.dumps(reports.message(data, message), indent=1))


@outbox_app.command("retry")
def outbox_retry(message: str, data: Data = DATA, as_json: AsJson = False) -> None:
    """Send a parked message again (asks the running gateway)."""
    with in_words():
        done = reports.retry(data, message)
    text = f"{message} goes again" if done else f"{message} is not parked"
    show({"message": message, "again": done}, as_json, lambda _: print(text))
    raise typer.Exit(0 if done else 1)


@people_app.command("add")
def people_add(
    name: str,
    role: Annotated[str, typer.Option(help="viewer, operator, engineer or admin")] = "operator",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """A person with a password (asked for, never an argument)."""
    with in_words():
        password = typer.prompt("password", hide_input=True, confirmation_prompt=True)
        reports.roster(data).add_person(name, reports.role_of(role), password)
    text = f"{name} may sign in as {role}"
    show({"name": name, "role": role}, as_json, lambda _: print(text))


@people_app.command("token")
def people_token(
    name: str,
    role: Annotated[str, typer.Option(help="viewer, operator, engineer or admin")] = "operator",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """A token for a device or program; shown this once."""
    with in_words():
        token = reports.roster(data).add_token(name, reports.role_of(role))
    show({"name": name, "role": role, "token": token}, as_json, lambda _: print(token))


@app.command()
def events(
    data: Data = DATA,
    after: Annotated[int, typer.Option(min=0, help="cursor: n of the last one seen")] = 0,
    of: Annotated[str | None, typer.Option(help="LPN or order: its whole life")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """What was decided, in order."""
    with in_words():
        rows = reports.events(data, after, of, limit)
    show(rows, as_json, reports.events_table)


@app.command()
def replay(
    db: Annotated[Path, typer.Argument(help="a database; a live one is copied first")],
    until: Annotated[int | None, typer.Option(min=1, help="last sequence number")] = None,
    from_snapshot: Annotated[Path | None, typer.Option("--from", help="start here")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide the journal again: `identical`, or the first difference with both sides."""
    with in_words():
        result = reports.replayed(db, until, from_snapshot)
    show(result, as_json, lambda found: print(found["text"]))
    raise typer.Exit(0 if result["identical"] else 1)


@app.command()
def status(data: Data = DATA, as_json: AsJson = False) -> None:
    """How the running gateway is."""
    with in_words():
        facts = reports.status(data)
    show(facts, as_json, reports.status_table)


def main() -> None:
    os.umask(0o077)  # what a data folder holds (names, addresses, secrets) is its user's alone
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    for chatty in ("asyncua", "httpx", "pymodbus"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    app()


if __name__ == "__main__":
    main()
