"""Who answers at an address: the example of the standard, and a device that does not say."""

from collections.abc import AsyncIterator

import pytest

from devices.errors import Refused
from devices.tags.identity import identity
from devices.tags.port import Denied
from tests.devices.tags.stations import Bench, on_tcp
from tests.devices.tags.test_lines import device, line, tags_of

GOLDEN = (
    b"\x2b\x0e\x01\x01\x00\x00\x03"
    b"\x00\x16Company identification\x01\x0fProduct code XX\x02\x05V2.11"
)
"""MODBUS Application Protocol 1.1b3, 6.21."""


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with on_tcp(Bench(1)) as bench:
        yield bench


async def test_a_device_says_who_it_is_on_the_line_that_is_open(bench: Bench) -> None:
    bench.spoil = lambda asked, answer: [
        bench.frame(asked, 1, GOLDEN) if asked[7] == 43 else answer
    ]
    async with tags_of(device(1), line(bench.port)):
        assert await identity("plc", line(bench.port), 1) == {
            "vendor": "Company identification", "product": "Product code XX", "revision": "V2.11",
        }  # fmt: skip
        assert len(bench._writers) == 1
    assert [asked[6:].hex() for asked in bench.asked if asked[7] == 43] == ["012b0e0100"]


async def test_a_device_that_does_not_know_the_question_says_that(bench: Bench) -> None:
    bench.spoil = lambda asked, answer: [bench.frame(asked, 1, b"\xab\x01")]
    with pytest.raises(Denied, match="does not know this function"):
        await identity("plc", line(bench.port), 1)


async def test_serial_frames_do_not_carry_the_question() -> None:
    with pytest.raises(Refused):
        await identity("plc", line(1, rtu=True), 1)
