"""One code of a scanner: how it is read, what it stands for, and what the rules are told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import Scanner
from devices.scanner.bare import short_gtin, upc_a
from devices.scanner.gs1 import GS
from devices.scanner.gs1_checks import check_digit
from devices.scanner.marking import marks_of
from devices.scanner.payload import Read, parse
from devices.scanner.scan import Form, Way, read
from tests.devices.test_gs1 import ODD
from wcs.marks import Mark

TODAY = date(2025, 6, 1)
WAYS: tuple[Way, ...] = ("plain", "gs1", "auto")
LOT = f"]C1010950600013435217251200{GS}10AB12{GS}21S7"


@pytest.mark.parametrize(
    ("raw", "form", "key", "guessed"),
    [
        ("]C1010950600013435210AB12", "elements", "9506000134352", False),
        ("]C100106141411234567897", "elements", "106141411234567897", False),
        ("]d20119506000134359", "elements", "19506000134359", False),
        ("]Q3010000000234567310AB12", "elements", "02345673", False),
        (f"]e0010950600013435210AB{GS}99X", "elements", "9506000134352", False),
        (f"]C10109506000134352{GS}00106141411234567897", "elements", "106141411234567897", False),
        ("]C1414952012345678825432a/b", "elements", "9520123456788/32a/b", False),
        ("]E09506000134352", "number", "9506000134352", False),
        ("]E0416000336108", "number", "0416000336108", False),
        ("]E004252614", "number", "0042100005264", False),
        ("]E3950600013435212", "number", "9506000134352", False),
        ("]E402345673", "number", "02345673", False),
        (f"]E09506000134352|]e010AB{GS}21S7", "number", "9506000134352", False),
        ("]Q1https://id.gs1.org/01/09506000134352/10/AB", "link", "9506000134352", False),
        ("]I119506000134359", "number", "19506000134359", True),
        ("]C0106141411234567897", "number", "106141411234567897", True),
        ("]A0L00004711", "text", "L00004711", False),
        ("]Q1https://example.com/shoes", "text", "https://example.com/shoes", False),
        ("9506000134352", "number", "9506000134352", True),
        ("04252614", "number", "04252614", True),  # a UPC-E, or the number of a tote
        ("416000336108", "number", "416000336108", True),
        ("]I109506000134352", "number", "9506000134352", True),
        ("https://id.gs1.org/01/09506000134352", "link", "9506000134352", False),
        ("(01)09506000134352(10)A\\(1", "bracketed", "9506000134352", True),
        ("0109506000134352", "elements", "9506000134352", True),
        (f"{GS}0109506000134352", "elements", "9506000134352", True),
        (f"10AB12{GS}21S7", "elements", f"10AB12{GS}21S7", True),
        ("L00004711", "text", "L00004711", False),
        ("A-01-1", "text", "A-01-1", False),
        ("SW0000000042", "text", "SW0000000042", False),
        ("9506000134353", "text", "9506000134353", False),  # its check digit is wrong
        ("(01)09506000134353", "text", "(01)09506000134353", False),
        ("", "text", "", False),
    ],
)
def test_a_code_and_the_key_it_stands_for(raw: str, form: Form, key: str, guessed: bool) -> None:
    scan = read(raw, "auto")
    assert (scan.form, scan.key, scan.guessed) == (form, key, guessed)
    assert scan.raw == raw


def test_a_wrong_key_is_not_looked_up_and_what_is_right_is_kept() -> None:
    scan = read(f"]C1010950600013435310AB12{GS}17251331")
    assert scan.key == f"010950600013435310AB12{GS}17251331"
    assert (scan.value("10"), scan.value("01")) == ("AB12", None)
    assert scan.remarks() == (
        "(01) check digit is 3, should be 2",
        "(17) there is no month 13",
    )


def test_a_pallet_with_a_wrong_number_is_not_taken_for_the_goods_on_it() -> None:
    scan = read("]C1001061414112345678900109506000134352")
    assert scan.key == "001061414112345678900109506000134352"
    assert scan.value("01") == "09506000134352"


@pytest.mark.parametrize(
    ("raw", "remark"),
    [
        ("]C1", "the code is empty"),
        ("]E095060001343", "(01) 11 digits, 12 or 13 are needed"),
        ("]E09506000134353", "(01) check digit is 3, should be 2"),
        ("]E0950600013435X", "(01) 'X' is not one of digits"),
        ("]E4950600013435", "(01) 12 digits, 8 are needed"),
        ("]Q1https://example.com/AQnYUc1gmiMZjwkA", "no GS1 key in the path; a compressed"),
        ("]C110AB12", "(10) BATCH/LOT needs (01)"),
    ],
)
def test_what_is_wrong_is_said(raw: str, remark: str) -> None:
    said = read(raw).remarks()
    assert any(one.startswith(remark) for one in said), said


def test_a_station_of_gs1_takes_a_bare_element_string_for_what_it_is() -> None:
    scan = read("10AB12", "gs1")
    assert (scan.form, scan.value("10"), scan.guessed) == ("elements", "AB12", False)
    assert read("10AB12", "auto").form == "text"
    assert read("9506000134352", "gs1").form == "number"  # not (95) 06000134352
    assert read("L00004711", "gs1").remarks() == ("(L0) L0 is no application identifier",)


def test_a_station_may_insist_on_the_identifier() -> None:
    scan = read("0109506000134352", "auto", identified=True)
    assert (scan.key, scan.remarks()) == ("0109506000134352", ("no symbology identifier",))
    assert read("]C10109506000134352", "auto", identified=True).remarks() == ()


def test_plain_is_plain() -> None:
    scan = read("]C10109506000134352", "plain")
    assert (scan.form, scan.key, scan.elements) == ("text", "]C10109506000134352", ())


@given(ODD, st.sampled_from(["", "]C1", "]d2", "]E0", "]E3", "]E4", "]Q1", "]A0", "https://a/"]))
def test_no_code_breaks_the_reader(text: str, before: str) -> None:
    for way in WAYS:
        scan = read(before + text, way)
        assert scan.key == scan.key.replace(GS, "") or scan.key == scan.text
        marks_of([scan], TODAY)
        assert not scan.guessed or not any(element.problem for element in scan.elements)


# --- bare numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234565", "012345000065"),
        ("425261", "042100005264"),
    ],
)
def test_upc_e_suppresses_zeros(short: str, long: str) -> None:
    assert upc_a(short) == long


@given(st.sampled_from("01"), st.text("0123456789", min_size=6, max_size=6))
def test_every_upc_e_stands_for_a_good_upc_a(system: str, six: str) -> None:
    longs = {upc_a(f"{system}{six}{check}") for check in "0123456789"} - {""}
    assert len(longs) == 1
    assert all(len(long) == 12 and not check_digit(long) for long in longs)


@pytest.mark.parametrize("short", ["", "1234567", "21234567", "0123456X", "１２３４５６"])
def test_what_is_no_upc_e(short: str) -> None:
    assert upc_a(short) == ""


def test_a_gtin_as_its_own_bar_code_shows_it() -> None:
    assert short_gtin("09506000134352") == "9506000134352"
    assert short_gtin("00416000336108") == "0416000336108"
    assert short_gtin("00000002345673") == "02345673"
    assert short_gtin("19506000134359") == "19506000134359"


# --- marks ----------------------------------------------------------------------------------------


def test_what_the_rules_are_told() -> None:
    (mark,) = marks_of([read(LOT)], TODAY)
    assert mark == Mark(
        code="9506000134352",  # type: ignore[arg-type]
        gtin="09506000134352",
        lot="AB12",
        serial="S7",
        expires=date(2025, 12, 31),
    )


def test_a_pallet_and_what_is_on_it() -> None:
    raw = f"]C10010614141123456789702095060001343523712{GS}3103001250"
    (mark,) = marks_of([read(raw)], TODAY)
    assert (mark.code, mark.sscc) == ("106141411234567897",) * 2
    assert (mark.content, mark.count, mark.net_g) == ("09506000134352", 12, 1250)
    assert mark.problems == ()


def test_two_codes_on_one_item_complete_each_other() -> None:
    lot = read("]C110AB12")
    assert marks_of([lot], TODAY)[0].problems
    assert [mark.problems for mark in marks_of([lot, read("]E09506000134352")], TODAY)] == [(), ()]


def test_a_guess_is_marked_and_changes_nothing_that_is_looked_up() -> None:
    (mark,) = marks_of([read("416000336108")], TODAY)
    assert (mark.code, mark.gtin, mark.guessed) == ("416000336108", "00416000336108", True)


def test_a_code_without_gs1_leaves_no_mark() -> None:
    assert marks_of([read("L00004711"), read("]A0L00004711")], TODAY) == ()


@given(ODD)
def test_no_code_breaks_the_marks(text: str) -> None:
    for mark in marks_of([read("]C1" + text, "gs1")], TODAY):
        assert mark.gtin is None or not check_digit(mark.gtin)


# --- the map --------------------------------------------------------------------------------------

SHEET = {"connection": "c", "kind": "scanner", "framing": {"end": "\r", "separator": ";"}}


def station(**payload: str) -> Scanner:
    return Scanner.model_validate(SHEET | {"payload": payload})


def codes(payload: bytes, config: Scanner) -> tuple[str, ...]:
    said = parse(payload, config)
    assert isinstance(said, Read)
    return said.codes


def test_a_station_takes_codes_as_they_stand_unless_its_map_says_otherwise() -> None:
    raw = b"]C10109506000134352;L00004711"
    assert codes(raw, station()) == ("]C10109506000134352", "L00004711")
    assert codes(raw, station(parse="auto")) == ("9506000134352", "L00004711")
    assert codes(raw, station(aim_identifier="required")) == ("9506000134352", "L00004711")
    assert codes(raw, station(aim_identifier="required", parse="plain"))[0] == raw[:19].decode()


@pytest.mark.parametrize("gs", ["~", "\x1e", "<GS>", "\x1d"])
def test_a_scanner_may_be_set_to_another_separator(gs: str) -> None:
    said = parse(b"]C110AB12" + gs.encode() + b"21S7", station(parse="gs1", gs=gs))
    assert isinstance(said, Read)
    assert (said.scans[0].value("10"), said.scans[0].value("21")) == ("AB12", "S7")


def test_a_scanner_may_send_no_separator_at_all() -> None:
    assert codes(b"]C10109506000134352", station(parse="gs1", gs="")) == ("9506000134352",)


def test_two_codes_of_one_key_are_one_thing_and_are_told_apart_by_what_was_sent() -> None:
    said = parse(b"]C10109506000134352;]E09506000134352", station(parse="auto"))
    assert isinstance(said, Read)
    assert (said.codes, len(said.sent)) == (("9506000134352",), 2)


@pytest.mark.parametrize("way", WAYS)
@given(payload=st.binary(max_size=64))
def test_no_frame_breaks_a_station(way: Way, payload: bytes) -> None:
    said = parse(payload, station(parse=way))
    assert said is None or isinstance(said, Read)
