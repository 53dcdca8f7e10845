"""What a frame says: beat, read, no-read, nothing; and what the operator hears."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from devices.map.load import load_map
from devices.map.schema import Payload, Scanner
from devices.scanner.dedupe import Pulls
from devices.scanner.feedback import verdict
from devices.scanner.payload import Beat, Read, parse
from tests.devices.peers import ACCEPTED, QUARANTINED, REFUSED, T0
from wcs.names import Barcode

DEVICES = load_map(Path("config/demo")).devices


def scanner(name: str) -> Scanner:
    device = DEVICES[name]
    assert isinstance(device, Scanner)
    return device


TUNNEL, PACK, HAND = scanner("tunnel1"), scanner("scan_pack1"), scanner("hand1")


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"HB", Beat()),
        (b"17;L00004711;SW0000000042", Read((Barcode("L00004711"), Barcode("SW0000000042")), 17)),
        (b"17;NoRead", Read((), 17)),
        (b"17;", Read((), 17)),
        (b"17", Read((), 17)),
        (b"17;L00000001;L00000002", Read((Barcode("L00000001"), Barcode("L00000002")), 17)),
        (b"L00004711", None),  # no trigger
        (b"1x;L00004711", None),
        ("١٧;L00004711".encode(), None),
        (b"17;L0000\x004711", None),
        (b"17;L0000\xff4711", None),
        (b"", None),
    ],
)
def test_a_tunnel_frame(payload: bytes, said: Read | Beat | None) -> None:
    assert parse(payload, TUNNEL) == said


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"HB", Beat()),
        (b"L00004711", Read((Barcode("L00004711"),))),
        (b"L00004711;SW0000000042", Read((Barcode("L00004711"), Barcode("SW0000000042")))),
        (b"NoRead", Read(())),
        (b"", None),
    ],
)
def test_a_pack_frame(payload: bytes, said: Read | Beat | None) -> None:
    assert parse(payload, PACK) == said


def test_a_hand_scanner_reads_one_code_as_it_stands() -> None:
    assert parse(b"A-01-1", HAND) == Read((Barcode("A-01-1"),))
    assert parse(b"\n9506000000015", HAND) == Read((Barcode("9506000000015"),))
    assert parse(b"01095060001343\x1d10A;B", HAND) == Read((Barcode("01095060001343\x1d10A;B"),))
    assert parse(b"HB", HAND) == Read((Barcode("HB"),))  # it has no heartbeat


@given(st.binary(max_size=64))
def test_no_frame_breaks_the_reader(payload: bytes) -> None:
    said = parse(payload, TUNNEL)
    if isinstance(said, Read):
        assert said.trigger is not None
        assert all(code.isprintable() or "\x1d" in code for code in said.codes)


def test_the_same_code_within_the_window_is_one_pull_of_the_trigger() -> None:
    bounce, code, other = Pulls(0.25), (Barcode("A"),), (Barcode("B"),)
    assert not bounce.again(code, 10.0)
    assert bounce.again(code, 10.2)
    assert bounce.again(code, 10.4)  # still the same pull: no break since 10.2
    assert not bounce.again(code, 10.65)  # counting by scan
    assert not bounce.again(other, 10.7)
    assert not bounce.again(code, 10.8)


def test_no_reads_are_never_bounces() -> None:
    bounce = Pulls(0.25)
    assert not bounce.again((), 1.0)
    assert not bounce.again((), 1.1)


def test_the_encoding_is_that_of_the_map() -> None:
    umlaut = HAND.model_copy(update={"payload": Payload(encoding="latin-1")})
    assert parse(b"GR\xd6SSE 7", umlaut) == Read((Barcode("GRÖSSE 7"),))
    assert parse("GRÖSSE 7".encode(), HAND) == Read((Barcode("GRÖSSE 7"),))
    assert parse(b"GR\xd6SSE 7", HAND) is None  # noise, never a guess
    ascii = HAND.model_copy(update={"payload": Payload(encoding="ascii")})
    assert parse("GRÖSSE 7".encode(), ascii) is None


@pytest.mark.parametrize("name", ["utf-16", "utf-7", "ebcdic-cp-us", "cp037", "rot13", "klingon"])
def test_an_encoding_that_hides_the_ends_of_frames_is_a_mistake(name: str) -> None:
    with pytest.raises(ValidationError, match="is no encoding of codes"):
        Payload(encoding=name)


def test_what_the_operator_hears_is_the_answer_of_the_transaction() -> None:
    assert verdict(ACCEPTED, read_at=T0, now=T0) is True
    assert verdict(REFUSED, read_at=T0, now=T0) is False
    assert verdict(QUARANTINED, read_at=T0, now=T0) is False


def test_a_late_answer_is_not_heard() -> None:
    for late_s, told in ((0.2, True), (1.0, True), (1.001, None), (60.0, None)):
        now = T0 + timedelta(seconds=late_s)
        assert verdict(ACCEPTED, read_at=T0, now=now) is told
