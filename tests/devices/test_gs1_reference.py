"""Our table, checks and parser against the official table and the third-party vectors."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from devices.map.load import load_map
from devices.map.schema import Scanner
from devices.scanner import gs1_checks as checks
from devices.scanner import gs1_coupon as coupons
from devices.scanner.gs1 import GS, bracketed, parse, unbracketed
from devices.scanner.gs1_checks import Check
from devices.scanner.gs1_parts import Part
from devices.scanner.gs1_table import TABLE, Ai
from devices.scanner.payload import way_of

LINTERS: Final[dict[str, Check]] = {
    "couponcode": coupons.coupon,
    "couponposoffer": coupons.positive_offer,
    "cset39": checks.set_39,
    "cset64": checks.base64url,
    "cset82": checks.set_82,
    "csetnumeric": checks.numeric,
    "csum": checks.check_digit,
    "csumalpha": checks.check_pair,
    "gcppos1": checks.company_first,
    "gcppos2": checks.company_second,
    "hasnondigit": checks.not_only_digits,
    "hh": checks.hour,
    "hhmi": checks.hhmi,
    "hyphen": checks.hyphens,
    "iban": checks.iban,
    "importeridx": checks.importer,
    "iso3166": checks.country,
    "iso3166999": checks.country_or_999,
    "iso3166alpha2": checks.country_in_letters,
    "iso4217": checks.currency,
    "iso5218": checks.sex,
    "latitude": checks.latitude,
    "longitude": checks.longitude,
    "mediatype": checks.medium,
    "mi": checks.minute,
    "nonzero": checks.not_zero,
    "nozeroprefix": checks.no_leading_zero,
    "packagetype": checks.package,
    "pcenc": checks.percent_encoded,
    "pieceoftotal": checks.piece_of_total,
    "posinseqslash": checks.position_in_sequence,
    "ss": checks.second,
    "winding": checks.winding,
    "yesno": checks.yes_or_no,
    "yymmd0": checks.yymmd0,
    "yymmdd": checks.yymmdd,
    "yyyymmd0": checks.yyyymmd0,
    "yyyymmdd": checks.yyyymmdd,
    "zero": checks.zero,
}
NAMES: Final = {check: name for name, check in LINTERS.items()}
LETTERS: Final[dict[Check, str]] = {
    checks.numeric: "N",
    checks.set_82: "X",
    checks.set_39: "Y",
    checks.base64url: "Z",
}


def official(reference: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Identifier and row; a row may stand for a range of identifiers."""
    for row in json.loads((reference / "data/gs1/ai_table.json").read_text()):
        first, _, last = row["ai"].partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield f"{number:0{len(first)}}", row


def spelt(part: Part) -> str:
    size = str(part.most) if part.least == part.most else f"..{part.most}"
    body = f"{LETTERS[part.of]}{size}"
    names = "".join(f",{NAMES[check]}" for check in part.checks)
    return f"[{body}]{names}" if part.optional else body + names


def attributes(ai: Ai) -> dict[str, set[str]]:
    said = {
        "req": {"+".join(one) for one in ai.needs},
        "ex": set(ai.never),
        "dlpkey": {",".join(path) for path in ai.key} if ai.key is not None else set(),
    }
    return {name: values for name, values in said.items() if values}


def officially(row: dict[str, Any]) -> dict[str, set[str]]:
    said: dict[str, set[str]] = {}
    for attribute in row["attributes"]:
        name, _, values = attribute.partition("=")
        said[name] = set(values.split("|" if name == "dlpkey" else ","))
    return said


def test_the_table_says_what_the_official_one_says(reference: Path) -> None:
    rows = dict(official(reference))
    assert TABLE.keys() == rows.keys()
    for code, row in rows.items():
        ai = TABLE[code]
        assert ai.fixed is not row["fnc1_required"], code
        assert ai.in_query is row["dl_attribute"], code
        assert [spelt(part) for part in ai.parts] == row["spec"], code
        assert attributes(ai) == officially(row), code
        assert not row["title"] or ai.title == row["title"], code


def test_the_order_of_qualifiers_is_the_official_one(reference: Path) -> None:
    for code, row in official(reference):
        paths = [one[7:] for one in row["attributes"] if one.startswith("dlpkey=")]
        if paths:
            official_order = [tuple(path.split(",")) for path in paths[0].split("|")]
            assert list(TABLE[code].key or ()) == official_order


def vectors(reference: Path, name: str) -> list[dict[str, Any]]:
    lines = (reference / f"data/gs1/vectors/{name}.jsonl").read_text().splitlines()
    assert lines
    return [json.loads(line) for line in lines]


def test_every_check_agrees_with_every_vector(reference: Path) -> None:
    """But for those that ask a register of company prefixes, which is not ours to look into."""
    registered = ("GS1_LINTER_INVALID_GCP_PREFIX", "GS1_LINTER_GCP_DATASOURCE_OFFLINE")
    cases = vectors(reference, "component_lint")
    offline = [case for case in cases if case["error"] not in registered]
    assert len(cases) - len(offline) == 12
    wrong = [
        case for case in offline if (LINTERS[case["linter"]](case["given"]) == "") is not case["ok"]
    ]
    assert wrong == []
    assert {case["linter"] for case in cases} == LINTERS.keys()


def test_every_check_is_used_in_the_table_or_is_an_alphabet() -> None:
    parts = list(chain.from_iterable(ai.parts for ai in TABLE.values()))
    used = {check for part in parts for check in part.checks} | {part.of for part in parts}
    assert {NAMES[check] for check in used} == LINTERS.keys() - {"yyyymmd0"}


def test_a_station_that_requires_the_identifier_has_its_codes_read(reference: Path) -> None:
    devices = load_map(reference / "reference" / "device-map.yaml").devices
    dock, tunnel = devices["scan_dock1"], devices["tunnel1"]
    assert isinstance(dock, Scanner) and isinstance(tunnel, Scanner)
    assert (way_of(dock.payload), way_of(tunnel.payload)) == ("auto", "plain")


CHECKS = sorted(LINTERS.items())


@given(st.one_of(st.text(max_size=30), st.text("0123456789-/=%A ", max_size=30)))
def test_no_text_breaks_a_check(text: str) -> None:
    for _, check in CHECKS:
        assert isinstance(check(text), str)


def test_every_element_string_of_the_vectors(reference: Path) -> None:
    for case in vectors(reference, "raw_element_string"):
        first, _, text = case["given"].partition("^")
        elements = parse(text.replace("^", GS))
        good = not first and bool(elements) and not any(e.problem for e in elements)
        assert good is case["ok"], case


def test_every_bracketed_code_of_the_vectors(reference: Path) -> None:
    for case in vectors(reference, "bracketed_to_raw"):
        elements = bracketed(case["given"])
        good = bool(elements) and not any(e.problem for e in elements)
        assert good is case["ok"], case
        if case["ok"]:
            assert "^" + unbracketed(elements).replace(GS, "^") == case["expect"]
