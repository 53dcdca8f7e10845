"""A probe: every tag once over a real wire, the four orders of a value side by side, and a device
that refuses some of them."""

import struct

import pytest

from devices.map.schema import ModbusTcp, RegisterTag
from devices.tags.probe import explained, probe_modbus, readings_of
from tests.devices.tags.stations import Bench, on_tcp


def tag(at: str, type: str, **more: object) -> RegisterTag:
    return RegisterTag.model_validate({"at": at, "type": type, **more})


def line(port: int) -> ModbusTcp:
    told = {"type": "modbus-tcp", "host": "127.0.0.1", "port": port, "timeout": "100ms"}
    return ModbusTcp.model_validate(told)


@pytest.mark.parametrize(
    ("words", "likely"),
    [
        (struct.unpack(">2H", struct.pack(">f", 231.5)), ("big", "big")),
        (struct.unpack(">2H", struct.pack(">f", 231.5))[::-1], ("little", "big")),
        (struct.unpack("<2H", struct.pack(">f", 231.5)), ("big", "little")),
        (struct.unpack("<2H", struct.pack(">f", 231.5))[::-1], ("little", "little")),
    ],
)
def test_of_four_orders_the_right_one_is_marked(
    words: tuple[int, ...], likely: tuple[str, str]
) -> None:
    readings = list(readings_of(tag("ir:0", "float32"), words))
    (marked,) = [one for one in readings if one.likely]
    assert (marked.word_order, marked.byte_order, marked.value) == (*likely, 231.5)
    assert [one.declared for one in readings] == [True, False, False, False]


def test_a_counter_that_is_small_is_likelier_than_one_that_is_huge() -> None:
    readings = list(readings_of(tag("ir:0", "uint32"), (4711, 0)))
    assert [(one.word_order, one.value) for one in readings if one.likely] == [("little", 4711)]


def test_what_tells_nothing_leaves_the_order_of_the_map() -> None:
    readings = list(readings_of(tag("ir:0", "float64", word_order="little"), (0, 0, 0, 0)))
    assert [one.likely for one in readings] == [one.declared for one in readings]


def test_the_range_of_the_map_decides() -> None:
    words = struct.unpack(">2H", struct.pack(">f", 0.5))
    swapped = tag("ir:0", "float32", range=[0, 1])
    (marked,) = [one for one in readings_of(swapped, words[::-1]) if one.likely]
    assert (marked.word_order, marked.value) == ("little", 0.5)


def test_words_that_are_no_value_are_said() -> None:
    found = explained("amps", tag("ir:0", "float32"), (0x7FC0, 0))
    assert (found.value, found.error, found.words) == (None, "not a number", (0x7FC0, 0))


async def test_each_tag_is_asked_for_once_whatever_becomes_of_the_others() -> None:
    tags = {
        "volts": tag("ir:10", "uint16", scale=0.1, unit="V"),
        "gone": tag("hr:400", "uint16"),
        "eye": tag("di:3", "bool"),
        "pair": tag("ir:20", "uint32"),
    }
    async with on_tcp(Bench(1)) as bus:
        found = {one.tag: one for one in await probe_modbus(line(bus.port), 1, tags)}
        assert bus.asked_of(1) == 4
    assert (found["volts"].value, found["volts"].words) == (1.0, (10,))
    assert found["gone"].error == "the device has no such address (exception 2)"
    assert (found["eye"].value, found["pair"].value) == (True, 20 << 16 | 21)
    assert [len(one.readings) for one in found.values()] == [0, 0, 0, 4]


async def test_a_silent_unit_is_said_for_each_tag() -> None:
    async with on_tcp(Bench(1)) as bus:
        bus[1].silent = True
        (found,) = await probe_modbus(line(bus.port), 1, {"volts": tag("ir:10", "uint16")})
    assert found.error == "no answer within 100 ms"
