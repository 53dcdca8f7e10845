"""What scanners are told: golden bytes of each maker, and packets under any chopping."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import Framing
from devices.scanner.dialect import Plain
from devices.scanner.ssi import Packet, Packets, Ssi, checksum

LINE = Framing(end="\r")


@pytest.mark.parametrize(
    ("style", "good", "bad"),
    [
        # Datalogic PowerScan PD/PM96xx product reference, p. 304
        ("datalogic-escape", "1B 5B 33 71 1B 5B 36 71", "1B 5B 34 71 1B 5B 38 71"),
        # Honeywell 2020 user's guide, p. 2-13
        ("honeywell", "1B 37", "1B 38"),
        ("none", "", ""),
    ],
)
def test_good_and_bad_on_a_line_of_text(style: str, good: str, bad: str) -> None:
    said = Plain(LINE, style)
    said.answer(True)
    assert said.owed() == bytes.fromhex(good)
    said.answer(False)
    assert said.owed() == bytes.fromhex(bad)
    said.answer(None)
    assert said.owed() == b""


@pytest.mark.parametrize(
    ("packet", "golden"),
    [
        # CMD_ACK and the three CMD_NAK: GM67 bar code reader user manual, appendix 6
        (Packet(0xD0), "04 D0 04 00 FF 28"),
        (Packet(0xD1, data=b"\x01"), "05 D1 04 00 01 FF 25"),
        (Packet(0xD1, data=b"\x02"), "05 D1 04 00 02 FF 24"),
        (Packet(0xD1, data=b"\x06"), "05 D1 04 00 06 FF 20"),
        # START_SESSION and SCAN_ENABLE, as every SSI guide prints them
        (Packet(0xE4), "04 E4 04 00 FF 14"),
        (Packet(0xE9), "04 E9 04 00 FF 0F"),
        (Packet(0xEA), "04 EA 04 00 FF 0E"),
        # BEEP and the LEDs: 72E-40451-04, chapter 2; one high short, one long low, green, red
        (Packet(0xE6, data=b"\x00"), "05 E6 04 00 00 FF 11"),
        (Packet(0xE6, data=b"\x0f"), "05 E6 04 00 0F FF 02"),
        (Packet(0xE7, data=b"\x01"), "05 E7 04 00 01 FF 0F"),
        (Packet(0xE8, data=b"\x02"), "05 E8 04 00 02 FF 0D"),
    ],
)
def test_golden_packets(packet: Packet, golden: str) -> None:
    assert packet.encoded() == bytes.fromhex(golden)


def from_gun(opcode: int, data: bytes = b"", status: int = 0) -> bytes:
    body = bytes([4 + len(data), opcode, 0, status]) + data
    return body + checksum(body)


def code(text: bytes, status: int = 0) -> bytes:
    return from_gun(0xF3, b"\x03" + text, status)


ACK, RESEND, BAD_CONTEXT = (
    bytes.fromhex(one) for one in ("04D00400FF28", "05D1040001FF25", "05D1040002FF24")
)
GUN_ACK = from_gun(0xD0)
GREEN_LAST = [bytes.fromhex(one) for one in ("05E6040000FF11", "05E8040002FF0D", "05E7040001FF0F")]
RED_LAST = [bytes.fromhex(one) for one in ("05E604000FFF02", "05E8040001FF0E", "05E7040002FF0E")]


def test_a_code_is_acknowledged_when_the_transaction_has_answered() -> None:
    gun = Ssi(128)
    assert gun.feed(code(b"L00004711")) == [b"L00004711"]
    assert gun.owed() == b""
    gun.answer(True)
    assert gun.owed() == ACK + GREEN_LAST[0]
    for next_one in GREEN_LAST[1:]:
        assert gun.feed(GUN_ACK) == [] and gun.owed() == next_one
    gun.feed(GUN_ACK)
    assert gun.owed() == b""


def test_a_refused_code_is_received_all_the_same() -> None:
    gun = Ssi(128)
    gun.feed(code(b"WHAT"))
    gun.answer(False)
    assert gun.owed() == ACK + RED_LAST[0]


def test_a_code_that_comes_again_is_read_once_and_acknowledged_again() -> None:
    gun = Ssi(128)
    assert gun.feed(code(b"L00004711")) == [b"L00004711"]
    assert gun.feed(code(b"L00004711", status=1)) == [] and gun.owed() == b""  # still deciding
    gun.answer(None)
    assert gun.owed() == ACK
    assert gun.feed(code(b"L00004711", status=1)) == [] and gun.owed() == ACK  # our ACK was lost
    assert gun.feed(code(b"L00004711")) == [b"L00004711"]  # another pull of the trigger


def test_a_code_is_not_acknowledged_by_the_answer_to_the_one_before() -> None:
    gun = Ssi(128, speaks=False)
    gun.feed(code(b"L00000001"))  # the gun gave it up, and its person has scanned another one
    assert gun.feed(code(b"L00000002")) == [b"L00000002"]
    gun.answer(True)
    assert gun.owed() == b""
    gun.answer(True)
    assert gun.owed() == ACK


def test_after_a_restart_what_comes_again_is_new() -> None:
    assert Ssi(128).feed(code(b"L00004711", status=1)) == [b"L00004711"]


def test_an_unknown_packet_and_a_torn_one_are_not_taken() -> None:
    gun = Ssi(128)
    assert gun.feed(from_gun(0x5A, b"??")) == [] and gun.owed() == BAD_CONTEXT
    torn = bytearray(code(b"L00004711"))
    torn[8] ^= 0x10
    assert gun.feed(bytes(torn)) == [] and gun.owed() == RESEND
    gun.flush()
    assert gun.feed(code(b"L00004711")) == [b"L00004711"]


def test_half_a_packet_is_asked_for_again() -> None:
    gun = Ssi(128)
    gun.feed(code(b"L00004711")[:7])
    gun.flush()
    assert gun.owed() == RESEND
    assert gun.feed(code(b"L00004711", status=1)) == [b"L00004711"]


def test_a_long_code_comes_in_several_packets_and_a_too_long_one_not_at_all() -> None:
    gun = Ssi(128)
    assert gun.feed(code(b"A" * 100, status=2)) == [] and gun.owed() == ACK
    assert gun.feed(code(b"B" * 28)) == [b"A" * 100 + b"B" * 28]
    gun.answer(None)
    assert gun.owed() == ACK
    for _ in range(3):
        assert gun.feed(code(b"C" * 100, status=2)) == [] and gun.owed() == ACK
    assert gun.feed(code(b"C")) == [] and gun.owed() == ACK
    assert gun.feed(code(b"L00004711")) == [b"L00004711"]
    assert gun.dropped == 301


def test_a_beep_that_is_not_taken_is_sent_once_more_or_passed_over() -> None:
    gun = Ssi(128)
    gun.feed(code(b"A"))
    gun.answer(True)
    gun.owed()
    gun.feed(from_gun(0xD1, b"\x01"))
    again = gun.owed()
    assert again[3] == 1 and again[1] == 0xE6
    gun.feed(from_gun(0xD1, b"\x01"))
    assert gun.owed() == GREEN_LAST[1]
    gun.feed(from_gun(0xD1, b"\x02"))
    assert gun.owed() == GREEN_LAST[2]


def test_an_answer_takes_the_place_of_what_was_not_told_yet() -> None:
    gun = Ssi(128)
    gun.feed(code(b"A"))
    gun.answer(True)
    gun.owed()
    gun.feed(code(b"B"))
    gun.answer(False)
    assert gun.owed() == ACK + RED_LAST[0]


def test_without_feedback_only_the_receipt_is_sent() -> None:
    gun = Ssi(128, speaks=False)
    gun.feed(code(b"A"))
    gun.answer(True)
    assert gun.owed() == ACK


CODES = st.lists(st.binary(max_size=60), max_size=5)


@given(CODES, st.lists(st.integers(0, 300), max_size=6))
def test_packets_are_whole_however_they_are_chopped(codes: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(code(one) for one in codes)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    packets, got = Packets(), []
    for start, end in pairwise(edges):
        got += packets.feed(stream[start:end])[0]
    assert [packet.data[1:] for packet in got] == codes
    assert not packets.partial and packets.dropped == 0


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_noise_neither_breaks_it_nor_grows(noise: list[bytes]) -> None:
    gun = Ssi(128)
    for one in noise:
        gun.feed(one)
        gun.owed()
        assert len(gun._packets._rest) <= 257
    gun.flush()
    assert gun.feed(code(b"L00004711")) == [b"L00004711"]
