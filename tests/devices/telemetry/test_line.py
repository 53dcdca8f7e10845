"""What a broker may answer, byte by byte, on a line without a wire."""

import pytest

from devices.errors import Unreachable
from devices.telemetry_line import NUMBERS, PublishingLine


class Heard:
    def __init__(self) -> None:
        self.has: list[int] = []
        self.asked: list[str] = []


def a_line(heard: Heard) -> PublishingLine:
    return PublishingLine("telemetry", heard.has.append, heard.asked.append)


def acknowledged(*numbers: int) -> bytes:
    ids = [number % NUMBERS + 1 for number in numbers]
    return b"".join(b"\x40\x02" + id.to_bytes(2, "big") for id in ids)


async def test_acknowledgements_count_as_far_as_all_have_come() -> None:
    heard = Heard()
    line = a_line(heard)
    first = NUMBERS - 2  # packet ids begin anew among them
    line.send([(first + n, b"\x00\x01t", b"{}") for n in range(5)])
    line.data_received(acknowledged(first + 1, first + 3))
    assert heard.has == []
    line.data_received(acknowledged(first)[:3])
    line.data_received(acknowledged(first)[3:])
    assert heard.has == [first + 1]
    line.data_received(acknowledged(first + 4, first + 2))
    assert heard.has == [first + 1, first + 4]


async def test_a_broker_whose_acl_lets_us_only_publish_is_published_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = a_line(Heard())
    line.data_received(b"\x90\x03\xea\x61\x80")
    assert await line.room() == 500
    assert "lets us publish, not hear requests" in caplog.text


async def test_requests_are_heard_unless_they_were_retained() -> None:
    heard = Heard()
    line = a_line(heard)
    line.data_received(b"\x31\x03\x00\x01a" + b"\x30\x03\x00\x01b")
    assert heard.asked == ["b"]


async def test_noise_ends_the_line() -> None:
    line = a_line(Heard())
    line.data_received(b"\x30\xff\xff\xff\xff")
    with pytest.raises(Unreachable, match="does not speak MQTT"):
        await line.run(1.0)
