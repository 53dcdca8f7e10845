"""The PLC's Modbus TCP, byte by byte: frames written out by hand from the two specifications."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.plc.bank import Tables
from simulators.plc.wire import NotModbus, Slave

READ_3_INPUTS = bytes.fromhex("0001 0000 0006 01 04 0001 0003")


@pytest.fixture
def tables() -> Tables:
    return Tables(
        co=[0] * 8, di=[0, 1, 0, 1, 1, 0, 0, 0, 1, 1], ir=[9, 0x1234, 5, 0xFFFF], hr=[0] * 8
    )


@pytest.fixture
def written() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture
def slave(tables: Tables, written: list[tuple[str, int, int]]) -> Slave:
    return Slave(1, tables, lambda *cells: written.append(cells))


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("0001 0000 0006 01 04 0001 0003", "0001 0000 0009 01 04 06 1234 0005 FFFF"),
        ("0002 0000 0006 01 02 0000 000A", "0002 0000 0005 01 02 02 1A 03"),
        ("0003 0000 0006 01 06 0002 00FF", "0003 0000 0006 01 06 0002 00FF"),
        ("0004 0000 000B 01 10 0000 0002 04 0001 0002", "0004 0000 0006 01 10 0000 0002"),
        ("0005 0000 0006 01 03 0000 0001", "0005 0000 0005 01 03 02 0000"),
        ("0006 0000 0006 01 05 0003 FF00", "0006 0000 0006 01 05 0003 FF00"),
        ("0007 0000 0008 01 0F 0000 0003 01 05", "0007 0000 0006 01 0F 0000 0003"),
        ("0008 0000 0006 01 01 0000 0008", "0008 0000 0004 01 01 01 00"),
    ],
)
def test_golden_bytes(slave: Slave, request_: str, response: str) -> None:
    assert slave.feed(bytes.fromhex(request_)).hex() == bytes.fromhex(response).hex()


@pytest.mark.parametrize(
    ("request_", "function", "code"),
    [
        ("0001 0000 0006 01 04 0003 0002", 0x84, 2),  # beyond the last register
        ("0001 0000 0006 01 04 0000 0000", 0x84, 3),  # nothing asked for
        ("0001 0000 0006 01 04 0000 007E", 0x84, 3),  # 126 registers
        ("0001 0000 0006 01 05 0000 1234", 0x85, 3),  # neither on nor off
        ("0001 0000 0006 01 06 0008 0001", 0x86, 2),
        ("0001 0000 0009 01 10 0000 0002 02 0001", 0x90, 3),  # byte count does not fit
        ("0001 0000 0002 01 2B", 0xAB, 1),  # function we do not have
        ("0001 0000 0006 07 04 0001 0003", 0x84, 11),  # another unit
    ],
)
def test_exceptions(slave: Slave, request_: str, function: int, code: int) -> None:
    answer = slave.feed(bytes.fromhex(request_))
    assert tuple(answer[7:]) == (function, code)
    assert answer[4:6] == b"\x00\x03"


def test_a_write_is_told_once_and_lands(
    slave: Slave, tables: Tables, written: list[tuple[str, int, int]]
) -> None:
    slave.feed(bytes.fromhex("0004 0000 000D 01 10 0001 0003 06 0007 0008 0009"))
    assert tables.hr[:5] == [0, 7, 8, 9, 0]
    assert written == [("hr", 1, 3)]


def test_a_refused_write_changes_nothing(
    slave: Slave, tables: Tables, written: list[tuple[str, int, int]]
) -> None:
    slave.feed(bytes.fromhex("0004 0000 000B 01 10 0007 0002 04 0001 0002"))
    assert tables.hr == [0] * 8
    assert written == []


def test_some_bits_of_a_register_are_written(slave: Slave, tables: Tables) -> None:
    """The example of section 6.16."""
    tables.hr[4] = 0x12
    request = bytes.fromhex("0001 0000 0008 01 16 0004 00F2 0025")
    assert slave.feed(request) == request
    assert tables.hr[4] == 0x17


@given(st.lists(st.integers(1, 20), max_size=20))
def test_any_chopping_gives_the_same_answers(sizes: list[int]) -> None:
    tables = Tables(co=[], di=[], ir=[9, 0x1234, 5, 0xFFFF], hr=[])
    slave, stream, answers = Slave(1, tables, lambda *cells: None), READ_3_INPUTS * 3, b""
    for size in [*sizes, len(stream)]:
        answers += slave.feed(stream[:size])
        stream = stream[size:]
    assert answers == bytes.fromhex("0001 0000 0009 01 04 06 1234 0005 FFFF") * 3


@pytest.mark.parametrize(
    "noise", ["0001 0001 0006 01 04 0001 0003", "0001 0000 00FF 01 04 0001 0003"]
)
def test_a_stream_that_is_not_modbus_ends_the_line(slave: Slave, noise: str) -> None:
    with pytest.raises(NotModbus):
        slave.feed(bytes.fromhex(noise))
