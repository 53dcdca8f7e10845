"""MQTT 3.1.1 packets: golden bytes of the standard's examples, and any chopping."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import telemetry_packets as packets
from devices.telemetry_packets import Malformed, Packet, Packets


def test_golden_connect() -> None:
    plain = bytes.fromhex("10 0f 00 04 4d515454 04 02 000f 00 03 77 68 31")
    assert packets.connect("wh1", 15, None, None) == plain
    known = bytes.fromhex("10 18 00 04 4d515454 04 c2 003c 0001 77 0003 626f62 0004 31323334")
    assert packets.connect("w", 60, "bob", "1234") == known


def test_golden_publish() -> None:
    topic = packets.text("a/b")
    assert packets.publish(topic, 10, b"hi") == bytes.fromhex("32 09 0003 612f62 000a 6869")
    assert packets.publish(topic, 10, b"hi", retained=True)[0] == 0x33


def test_golden_subscribe() -> None:
    assert packets.subscribe(10, "a/b") == bytes.fromhex("82 08 000a 0003 612f62 00")


@pytest.mark.parametrize(
    ("size", "said"),
    [(127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"), (2_097_152, "80808001")],
)
def test_lengths_as_in_table_2_4(size: int, said: str) -> None:
    packet = packets.publish(packets.text("t"), 1, b"x" * (size - 5))
    assert packet[1 : 1 + len(said) // 2] == bytes.fromhex(said)
    assert len(packet) == 1 + len(said) // 2 + size


@settings(max_examples=50, deadline=None)
@given(
    sent=st.lists(st.tuples(st.integers(1, 15), st.integers(0, 15), st.binary(max_size=300))),
    cuts=st.lists(st.integers(1, 40), min_size=1),
)
def test_packets_are_cut_out_of_any_chopping(
    sent: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(
        bytes([kind << 4 | flags]) + packets._length(len(body)) + body for kind, flags, body in sent
    )
    reader, found, at, turn = Packets(), list[Packet](), 0, 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        found += reader.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert found == [Packet(*one) for one in sent]


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=64))
def test_noise_is_cut_or_refused(noise: bytes) -> None:
    reader = Packets(largest=32)
    try:
        found = reader.feed(noise)
    except Malformed:
        return
    assert sum(len(one.body) for one in found) <= len(noise)


def test_what_is_too_long_or_cut_off_is_refused() -> None:
    with pytest.raises(Malformed, match="a packet of 16384 bytes"):
        Packets(largest=1000).feed(bytes.fromhex("30 808001"))
    with pytest.raises(Malformed, match="more than four"):
        Packets().feed(b"\x30\xff\xff\xff\xff")
    with pytest.raises(Malformed, match="cut off"):
        packets.topic_of(Packet(3, 0, b"\x00\x09abc"))
    with pytest.raises(Malformed, match="without its number"):
        packets.number(Packet(4, 0, b"\x00"))
    with pytest.raises(ValueError, match="65535"):
        packets.text("x" * 65_536)
