"""Frames: golden bytes of the standards, and whatever comes in whatever pieces."""

import struct
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.tags import pdu
from devices.tags.frames import Garbled, Mbap, Rtu, crc
from tests.devices.tags.stations import crc16

READ = pdu.read("hr", 0, 2)
PIECES = st.lists(st.integers(1, 5), min_size=1, max_size=40)


def reply(words: tuple[int, ...], unit: int = 1, function: int = 3) -> bytes:
    body = struct.pack(f">BBB{len(words)}H", unit, function, 2 * len(words), *words)
    return body + crc16(body)


def chopped(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[at : at + size])
        at += size
    return pieces


def test_checksums_are_those_of_the_standard() -> None:
    """02 07 -> 41 12 (MODBUS over Serial Line 1.02, 6.2.2); 01 03 00 00 00 0A -> C5 CD."""
    assert crc(bytes.fromhex("0207")) == 0x1241
    assert Rtu().request(1, pdu.read("hr", 0, 10))[1].hex() == "01030000000ac5cd"


@given(st.binary(max_size=300))
def test_the_checksum_is_the_one_computed_bit_by_bit(data: bytes) -> None:
    assert struct.pack("<H", crc(data)) == crc16(data)
    assert crc(data + crc16(data)) == 0


@pytest.mark.parametrize(
    ("request_", "frame"),
    [
        (pdu.read("co", 0x13, 0x13), "010100130013"),
        (pdu.read("di", 0xC4, 0x16), "010200c40016"),
        (pdu.read("hr", 0x6B, 3), "0103006b0003"),
        (pdu.read("ir", 8, 1), "010400080001"),
        (pdu.write("co", 0xAC, [1]), "010500acff00"),
        (pdu.write("hr", 1, [3]), "010600010003"),
        (pdu.write("co", 0x13, [1, 0, 1, 1, 0, 0, 1, 1, 1, 0]), "010f0013000a02cd01"),
        (pdu.write("hr", 1, [10, 258]), "01100001000204000a0102"),
    ],
)
def test_requests_are_the_examples_of_the_standard(request_: pdu.Request, frame: str) -> None:
    """MODBUS Application Protocol 1.1b3, 6.1 to 6.12."""
    number, data = Mbap().request(1, request_)
    assert (number, data[:6].hex()) == (1, f"00010000{len(frame) // 2:04x}")
    assert data[6:].hex() == frame


def test_one_bit_is_written_with_a_mask() -> None:
    """6.16: (current AND mask) OR (value AND NOT mask)."""
    assert pdu.write_bit(4, 3, True).pdu.hex() == "160004fff70008"
    assert pdu.write_bit(4, 15, False).pdu.hex() == "1600047fff0000"


@given(st.binary(max_size=40), PIECES, st.binary(max_size=3))
def test_a_reply_is_found_behind_any_noise_in_any_pieces(
    noise: bytes, sizes: list[int], after: bytes
) -> None:
    """Or, where the noise looks like the beginning of a reply, not at all; but never another."""
    rtu, good = Rtu(), reply((7, 4711))
    rtu.request(1, READ)
    found = [one for piece in chopped(noise + good + after, sizes) for one in rtu.feed(piece)]
    assert [(one.unit, one.pdu) for one in found] in ([(1, good[1:-2])], [])
    if b"\x01" not in noise:
        assert found


@given(st.binary(max_size=60), PIECES)
def test_noise_alone_is_no_reply(noise: bytes, sizes: list[int]) -> None:
    rtu = Rtu()
    rtu.request(1, READ)
    assert [one for piece in chopped(noise, sizes) for one in rtu.feed(piece)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        reply((666, 666), unit=2),
        reply((666, 666), function=4),
        reply((666,)),
        reply((666, 666, 666)),
        reply((666, 666))[:-1],
        reply((666, 666))[:-1] + b"\x00",
        Rtu().request(1, READ)[1],  # an echo of the request
        b"\x01\x84\x02" + crc16(b"\x01\x84\x02"),
    ],
)
def test_what_answers_another_question_is_passed_over(wrong: bytes) -> None:
    rtu = Rtu()
    rtu.request(1, READ)
    good = reply((1, 2))
    assert list(rtu.feed(wrong)) == []
    found = list(rtu.feed(good))
    assert [one.pdu for one in found] in ([good[1:-2]], [])  # half a frame may hide the next one


@given(st.integers(0, 15), st.integers(0, 7))
def test_one_wrong_bit_is_no_reply(byte: int, bit: int) -> None:
    good = bytearray(reply((7, 4711)))
    good[byte % len(good)] ^= 1 << bit
    rtu = Rtu()
    rtu.request(1, READ)
    assert list(rtu.feed(bytes(good))) == []


def test_an_exception_is_a_reply() -> None:
    rtu = Rtu()
    rtu.request(1, READ)
    (found,) = rtu.feed(b"\x01\x83\x02" + crc16(b"\x01\x83\x02"))
    assert READ.refusal(found.pdu) == 2


def test_after_its_reply_nothing_is_heard_until_the_next_request() -> None:
    rtu = Rtu()
    rtu.request(1, READ)
    assert len(list(rtu.feed(reply((1, 2)) + reply((3, 4))))) == 1
    assert list(rtu.feed(reply((5, 6)))) == []


def test_a_flood_of_noise_is_cheap_and_leaves_nothing_behind() -> None:
    rtu = Rtu()
    rtu.request(1, READ)
    begun = process_time()
    for _ in range(16):
        assert list(rtu.feed(b"\x01\x03\x00\x01\x03\x04" * 10_000)) == []
    assert process_time() - begun < 3.0
    assert len(rtu._buffer) < 300


def frame(number: int, body: bytes, unit: int = 1) -> bytes:
    return struct.pack(">HHHB", number, 0, len(body) + 1, unit) + body


@given(st.lists(st.tuples(st.integers(0, 65535), st.binary(min_size=1, max_size=253))), PIECES)
def test_tcp_frames_come_whole_and_in_order(
    sent: list[tuple[int, bytes]], sizes: list[int]
) -> None:
    mbap, data = Mbap(), b"".join(frame(number, body) for number, body in sent)
    found = [one for piece in chopped(data, sizes) for one in mbap.feed(piece)]
    assert [(one.number, one.pdu) for one in found] == sent
    assert mbap._buffer == b""


@given(st.binary(min_size=8, max_size=400))
def test_what_is_no_header_is_said_and_nothing_is_kept_for_ever(data: bytes) -> None:
    mbap = Mbap()
    try:
        for one in mbap.feed(data):
            assert len(one.pdu) <= 253
    except Garbled:
        return
    assert len(mbap._buffer) < 6 + 254
