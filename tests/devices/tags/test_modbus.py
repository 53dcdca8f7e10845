"""The Modbus wire against a peer that says what the test tells it to, byte for byte."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from devices.errors import Unreachable
from devices.map.schema import ModbusTcp
from devices.tags.port import Denied, NoReply
from tests.devices.tags.asking import Asking, asking

Reply = Callable[[int, bytes], list[bytes]]
"""Transaction and PDU of a request -> pieces that are sent one after another."""


def frame(transaction: int, pdu: bytes, unit: int = 1) -> bytes:
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def words(*values: int) -> bytes:
    return struct.pack(f">BB{len(values)}H", 3, 2 * len(values), *values)


class Peer:
    def __init__(self) -> None:
        self.reply: Reply = lambda transaction, pdu: [frame(transaction, words(7))]
        self.heard: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(7)
                transaction, _, length, _ = struct.unpack(">HHHB", head)
                pdu = await reader.readexactly(length - 1)
                self.heard.append(head + pdu)
                for piece in self.reply(transaction, pdu):
                    if not piece:
                        writer.transport.abort()
                        return
                    writer.write(piece)
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def wired(peer: Peer) -> AsyncIterator[Asking]:
    told = {
        "type": "modbus-tcp", "host": "127.0.0.1", "port": peer.port, "timeout": "80ms",
        "retries": 9,
    }  # fmt: skip
    async with asking(ModbusTcp.model_validate(told)) as (one,):
        yield one


async def test_requests_are_as_the_standard_writes_them(peer: Peer) -> None:
    """MODBUS Application Protocol 1.1b3, 6.3, 6.6 and 6.12; MBAP header with unit 1."""
    async with wired(peer) as wire:
        peer.reply = lambda tid, pdu: [frame(tid, words(0x022B, 0, 0x64))]
        assert list(await wire.read("hr", 0x6B, 3)) == [0x022B, 0, 0x64]
        peer.reply = lambda tid, pdu: [frame(tid, pdu[:5])]
        await wire.write("hr", 1, [3])
        await wire.write("hr", 1, [10, 258])
        assert [one[6:].hex() for one in peer.heard] == [
            "0103006b0003",
            "010600010003",
            "01100001000204000a0102",
        ]


async def test_bits_come_least_significant_first(peer: Peer) -> None:
    peer.reply = lambda tid, pdu: [frame(tid, bytes((2, 2, 0b1010_0001, 0b0000_0010)))]
    async with wired(peer) as wire:
        assert [int(bit) for bit in await wire.read("di", 0, 10)] == [1, 0, 0, 0, 0, 1, 0, 1, 0, 1]


async def test_an_answer_may_come_byte_by_byte(peer: Peer) -> None:
    peer.reply = lambda tid, pdu: [bytes((one,)) for one in frame(tid, words(1, 2))]
    async with wired(peer) as wire:
        assert list(await wire.read("hr", 0, 2)) == [1, 2]


@pytest.mark.parametrize(
    ("code", "says"),
    [(1, "function"), (2, "no such address"), (4, "failed"), (6, "busy"), (99, "99")],
)
async def test_an_exception_is_an_answer_with_its_code(peer: Peer, code: int, says: str) -> None:
    peer.reply = lambda tid, pdu: [frame(tid, bytes((pdu[0] | 0x80, code)))]
    async with wired(peer) as wire:
        with pytest.raises(Denied, match=says) as denied:
            await wire.read("hr", 0, 1)
        assert denied.value.code == code


@pytest.mark.parametrize(("code", "says"), [(10, "no path"), (11, "hears nothing")])
async def test_a_gateway_that_does_not_reach_the_unit_says_so_for_it(
    peer: Peer, code: int, says: str
) -> None:
    peer.reply = lambda tid, pdu: [frame(tid, bytes((pdu[0] | 0x80, code)))]
    async with wired(peer) as wire:
        with pytest.raises(NoReply, match=says):
            await wire.read("hr", 0, 1)


WRONG: dict[str, Reply] = {
    "an older transaction": lambda tid, pdu: [frame(tid - 1, words(666))],
    "no transaction": lambda tid, pdu: [frame(0, words(666))],
    "another unit": lambda tid, pdu: [frame(tid, words(666), unit=9)],
    "another function": lambda tid, pdu: [frame(tid, b"\x04" + words(666)[1:])],
    "too few values": lambda tid, pdu: [frame(tid, words(666)[:2])],
    "too many values": lambda tid, pdu: [frame(tid, words(666, 666, 666))],
    "half a frame": lambda tid, pdu: [frame(tid, words(666))[:-1]],
    "an unknown function": lambda tid, pdu: [frame(tid, b"\x63\x00\x00")],
    "noise": lambda tid, pdu: [b"\xde\xad\xbe\xef" * 20],
    "a silent end": lambda tid, pdu: [b""],
    "nothing": lambda tid, pdu: [],
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_no_answer_never_becomes_a_value(
    peer: Peer, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    peer.reply = WRONG[what]
    async with wired(peer) as wire:
        with pytest.raises((NoReply, Unreachable)):
            await wire.read("hr", 0, 1)
    assert "Traceback" not in caplog.text


async def test_a_late_answer_does_not_answer_the_next_question(peer: Peer) -> None:
    late: list[bytes] = []

    def answers_late(tid: int, pdu: bytes) -> list[bytes]:
        if not late:
            late.append(frame(tid, words(666)))
            return []
        return [late[0], frame(tid, words(7))]

    peer.reply = answers_late
    async with wired(peer) as wire:
        with pytest.raises(NoReply):
            await wire.read("hr", 0, 1)
        assert list(await wire.read("hr", 0, 1)) == [7]


async def test_a_line_that_drops_ends_the_open_request_at_once(peer: Peer) -> None:
    peer.reply = lambda tid, pdu: [b""]
    async with wired(peer) as wire:
        with pytest.raises(Unreachable, match="the line dropped"):
            await wire.read("hr", 0, 1)
        with pytest.raises(Unreachable):
            await wire.write("hr", 0, [1])


async def test_a_cancelled_request_stays_cancelled(peer: Peer) -> None:
    """The answer arrives in the very turn of the cancellation."""
    peer.reply = lambda tid, pdu: [frame(tid, words(7))]
    async with wired(peer) as wire:
        for _ in range(30):
            asking = asyncio.create_task(_ask_for_ever(wire))
            await asyncio.sleep(0.002)
            asking.cancel()
            done, _ = await asyncio.wait([asking], timeout=20)
            assert done, "the cancellation was forgotten"
            assert asking.cancelled()


async def _ask_for_ever(wire: Asking) -> None:
    while True:
        await wire.read("hr", 0, 1)
