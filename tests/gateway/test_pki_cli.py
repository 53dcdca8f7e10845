"""`wedge pki`: our own certificate, and servers that a person trusts or rejects; all on record."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from devices import pki
from gateway.pki_cli import app
from tests.devices.tags.opc_papers import DAY, papers


def wedge(data: Path, *said: str) -> Result:
    return CliRunner().invoke(app, ["pki", *said, "--data", str(data)])


def record(data: Path) -> list[tuple[str, str]]:
    lines = (data / "pki/decisions.jsonl").read_text().splitlines()
    return [(line["did"], line["by"]) for line in map(json.loads, lines)]


def test_our_own_is_made_once_and_renewed_when_asked(tmp_path: Path) -> None:
    assert wedge(tmp_path, "create", "--host", "box7", "--by", "anna").exit_code == 0
    made = pki.load(tmp_path / "pki/own/cert.der")
    assert (made.uris, made.hosts) == (["urn:box7:wedge"], ["box7"])
    again = wedge(tmp_path, "create")
    assert again.exit_code == 2
    assert "--renew puts a new one in its place" in again.stderr
    assert wedge(tmp_path, "create", "--renew", "--by", "ben").exit_code == 0
    assert pki.load(tmp_path / "pki/own/cert.der").der != made.der
    assert record(tmp_path) == [("create", "anna"), ("create", "ben")]


def test_a_refused_server_is_trusted_and_rejected_again(tmp_path: Path) -> None:
    shown = pki.Certificate(papers(until=10 * DAY).der)
    pki.lay_aside(shown, tmp_path / "pki/rejected")
    listed = json.loads(wedge(tmp_path, "list", "--json").stdout)
    assert [(row["where"], row["fingerprint"]) for row in listed] == [
        ("rejected", shown.fingerprint)
    ]
    assert "it needs a new one soon" in listed[0]["note"]
    mark = ":".join(shown.thumbprint[i : i + 2] for i in range(0, 12, 2)).upper()
    trusted = wedge(tmp_path, "trust", mark, "--by", "anna")
    assert trusted.stdout == "test server is trusted from now on\n"
    assert [one.der for one in pki.certificates(tmp_path / "pki/trusted")] == [shown.der]
    assert list(pki.certificates(tmp_path / "pki/rejected")) == []
    assert wedge(tmp_path, "reject", shown.fingerprint[:8], "--by", "ben").exit_code == 0
    assert list(pki.certificates(tmp_path / "pki/trusted")) == []
    assert record(tmp_path) == [("trust", "anna"), ("reject", "ben")]


def test_mistakes_are_said_in_words(tmp_path: Path) -> None:
    for said, told in (
        (["trust", "12ab"], "by its first 8 hex digits at least"),
        (["trust", "12ab34cd"], "there is no certificate with the fingerprint 12ab34cd"),
        (["show", "12ab34cd"], "there is no certificate 12ab34cd"),
    ):
        answer = wedge(tmp_path, *said)
        assert answer.exit_code == 2
        assert told in answer.stderr
    assert "wedge pki create makes our own" in wedge(tmp_path, "list").stdout
