"""Symbols drawn and read by somebody else's library, down to our elements."""

import pytest
import zxingcpp

from devices.scanner.bare import upc_a
from devices.scanner.scan import read

ITEM = "(01)09506000134352(10)AB12(17)251231(21)S-7"


def scanned(content: str, format: str, **more: bool) -> tuple[str, str]:
    """What a scanner would send, and the library's own words for it."""
    drawn = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.__members__[format], **more)
    (seen,) = zxingcpp.read_barcodes(drawn.to_image(scale=4))
    return seen.symbology_identifier + seen.bytes.decode(), seen.text


@pytest.mark.parametrize("format", ["Code128", "DataMatrix", "QRCode", "Aztec", "DataBarExp"])
def test_a_gs1_symbol(format: str) -> None:
    raw, words = scanned(ITEM, format, gs1=True)
    scan = read(raw, "auto", identified=True)
    assert "".join(f"({ai}){value}" for ai, value, _ in scan.elements) == words == ITEM
    assert (scan.form, scan.guessed, scan.remarks()) == ("elements", False, ())
    assert scan.symbology is not None and scan.symbology.gs1


@pytest.mark.parametrize(
    ("format", "content", "key"),
    [
        ("EAN13", "9506000134352", "9506000134352"),
        ("EAN8", "02345673", "02345673"),
        ("UPCA", "416000336108", "0416000336108"),
        ("UPCE", "04252614", "0042100005264"),
        ("ITF", "19506000134359", "19506000134359"),
        ("DataBarLtd", "09506000134352", "9506000134352"),
        ("Code39", "L00004711", "L00004711"),
        ("QRCode", "https://id.gs1.org/01/09506000134352/10/AB12", "9506000134352"),
    ],
)
def test_a_symbol_without_identifiers(format: str, content: str, key: str) -> None:
    raw, _ = scanned(content, format)
    scan = read(raw, "auto", identified=True)
    assert (scan.key, scan.remarks()) == (key, ())


@pytest.mark.parametrize("last", "0123456789")
def test_zeros_are_suppressed_as_others_do_it(last: str) -> None:
    raw, _ = scanned(f"01234{last}{last}", "UPCE")
    assert raw == "]E00" + upc_a(f"1234{last}{last}")
