"""`wedge pki`: certificates of OPC UA lines. They are files of the data folder, read at each
connect: no gateway needs to run, none needs a restart. Who trusted what is kept beside them."""

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.later import later

if TYPE_CHECKING:
    from devices import pki
else:
    pki = later("devices.pki")

app = typer.Typer()
pki_app = typer.Typer(no_args_is_help=True, help="Certificates of OPC UA lines.")
app.add_typer(pki_app, name="pki")

Data = Annotated[Path, typer.Option("--data", help="where the gateway keeps its files")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]
Mark = Annotated[str, typer.Argument(metavar="FINGERPRINT", help="its first 8 digits or more")]
By = Annotated[str, typer.Option("--by", help="who decides this", show_default=False)]
DATA = Path("var/wedge")
LOG = "decisions.jsonl"
FOLDERS = ("own", "trusted", "rejected")


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except (pki.PkiError, OSError) as err:
        print(f"wedge: {err}", file=sys.stderr)
        raise typer.Exit(2) from None


@pki_app.command("create")
def create(
    data: Data = DATA,
    host: Annotated[str, typer.Option(help="this machine's name, as servers see it")] = "",
    renew: Annotated[
        bool, typer.Option("--renew", help="in place of the one that is there")
    ] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Our own certificate and its key; servers must be told to trust it."""
    certificate, key = data / "pki/own/cert.der", data / "pki/own/key.pem"
    with in_words():
        if certificate.exists() and not renew:
            raise pki.PkiError(
                f"{certificate} is there already: --renew puts a new one in its place"
            )
        made = pki.create_own(certificate, key, datetime.now(UTC), host=host)
        _keep(data, "create", made, by)
    told = f"{certificate} made; let the servers trust {made.fingerprint[:16]}"
    _give({"file": str(certificate), **_row("own", made)}, told, as_json)


@pki_app.command("list")
def list_(data: Data = DATA, as_json: AsJson = False) -> None:
    """Our own, those that are trusted, and those that were refused and wait for a person."""
    rows = [_row(name, one) for name in FOLDERS for one in pki.certificates(data / "pki" / name)]
    if as_json:
        print(json.dumps(rows))
        return
    for row in rows:
        note = f"  {row['note']}" if row["note"] else ""
        print(f"{row['where']:9} {row['fingerprint'][:16]} {row['until'][:10]} {row['name']}{note}")
    if not rows:
        print(f"no certificate in {data / 'pki'}; wedge pki create makes our own")


@pki_app.command("show")
def show(mark: Mark, data: Data = DATA, as_json: AsJson = False) -> None:
    """One certificate with both fingerprints, for the comparison at the server."""
    with in_words():
        row = _found(data, mark)
    _give(row, "\n".join(f"{name:12} {value}" for name, value in row.items() if value), as_json)


@pki_app.command("trust")
def trust(mark: Mark, data: Data = DATA, by: By = "", as_json: AsJson = False) -> None:
    """Trust a server's certificate that was refused, from its next connect on."""
    with in_words():
        one = _moved(data, mark, "rejected", "trusted", by)
    _give(_row("trusted", one), f"{one.name} is trusted from now on", as_json)


@pki_app.command("reject")
def reject(mark: Mark, data: Data = DATA, by: By = "", as_json: AsJson = False) -> None:
    """Trust it no more, from its next connect on."""
    with in_words():
        one = _moved(data, mark, "trusted", "rejected", by)
    _give(_row("rejected", one), f"{one.name} is not trusted from its next connect on", as_json)


def _moved(data: Path, mark: str, start: str, end: str, by: str) -> "pki.Certificate":
    file, one = pki.find(data / "pki" / start, mark)
    _keep(data, "trust" if end == "trusted" else "reject", one, by)
    pki.move(file, one, data / "pki" / end)
    return one


def _found(data: Path, mark: str) -> dict[str, Any]:
    for name in FOLDERS:
        try:
            return _row(name, pki.find(data / "pki" / name, mark)[1])
        except pki.PkiError:
            continue
    raise pki.PkiError(f"{data / 'pki'}: there is no certificate {mark} (see wedge pki list)")


def _keep(data: Path, did: str, one: "pki.Certificate", by: str) -> None:
    """Before it is done: what a person decides is never unknown."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": by or getpass.getuser(),
        "did": did,
        "name": one.name,
        "fingerprint": one.fingerprint,
    }
    file = data / "pki" / LOG
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a") as out:
        out.write(json.dumps(line) + "\n")


def _row(where: str, one: "pki.Certificate") -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "where": where,
        "name": one.name,
        "fingerprint": one.fingerprint,
        "thumbprint": one.thumbprint,
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "uris": one.uris,
        "hosts": one.hosts,
        "note": pki.ending(one, now) if pki.ends_soon(one, now) else "",
    }


def _give(row: dict[str, Any], told: str, as_json: bool) -> None:
    print(json.dumps(row) if as_json else told)
