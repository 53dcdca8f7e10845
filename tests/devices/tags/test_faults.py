"""What wires and devices do wrong (faults 24 to 33), on TCP and on serial frames: no wrong value,
no write twice, and the line is well again."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from devices.errors import Unreachable
from devices.io import IoDriver
from devices.live import Live
from devices.map.schema import Io
from devices.supervise import MAX_S
from devices.tags.lines import open_tags
from devices.tags.port import Denied, NoReply, OpenTags, TooLate
from tests.devices.conveyor.site import Ears, RunningClock, supervised
from tests.devices.tags.stations import Bench, on_tcp
from tests.devices.tags.test_lines import PATIENCE_S, device, line, until
from tests.faults.proxy import Proxy, blackhole, through
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp

DEV = DeviceId("plc")
SEEN = {"a": 0, "b": 9 * 65536 + 10, "c": 120}


def plc() -> Io:
    tags = {
        "a": {"at": "hr:0", "type": "uint16", "access": "rw"},
        "b": {"at": "hr:9", "type": "uint32"},
        "c": {"at": "ir:120", "type": "uint16"},
    }
    return device(1, tags)


@pytest.fixture(params=[False, True], ids=["tcp", "rtu behind tcp"])
async def wired(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bench, Proxy]]:
    bench = Bench(1, rtu=bool(request.param))
    async with on_tcp(bench), through(bench.port) as proxy:
        yield bench, proxy


@asynccontextmanager
async def tags_through(
    bench: Bench, proxy: Proxy, retries: int = 9, timeout: str = "1s"
) -> AsyncIterator[OpenTags]:
    on = line(proxy.port, rtu=bench.rtu, timeout=timeout, retries=retries)
    async with open_tags(DEV, plc(), on, RunningClock(), Live()) as tags:
        yield tags


def values(tags: OpenTags) -> dict[str, object]:
    return {name: value.value for name, value in tags.view().items()}


async def rights_itself(bench: Bench, tags: OpenTags) -> None:
    """Whatever was wrong is over: what the device holds now is what is shown."""
    bench[1].hr[0] = 31_415
    await until(lambda: tags.value("a").value == 31_415)
    assert values(tags) == {**SEEN, "a": 31_415}


async def test_24_a_slow_wire_shows_right_values_and_keeps_deadlines(
    wired: tuple[Bench, Proxy],
) -> None:
    bench, proxy = wired
    async with tags_through(bench, proxy) as tags:
        proxy.down.latency_s, proxy.down.jitter_s = 0.1, 0.2
        await rights_itself(bench, tags)
        with pytest.raises(TooLate):
            await tags.write({"a": 1}, before=RunningClock().now())
        assert bench[1].hr[0] == 31_415


async def test_25_half_open_is_known_after_so_many_timeouts(wired: tuple[Bench, Proxy]) -> None:
    bench, proxy = wired
    async with tags_through(bench, proxy, retries=1, timeout="100ms") as tags:
        asked = len(bench.asked)
        proxy.freeze()
        with pytest.raises(Unreachable, match="does not answer"):
            async with asyncio.timeout(PATIENCE_S):
                await tags.run()
        assert len(bench.asked) == asked


async def test_26_a_storm_of_resets_leaks_nothing(wired: tuple[Bench, Proxy]) -> None:
    bench, proxy = wired
    ears, clock = Ears(), RunningClock()
    on = line(proxy.port, rtu=bench.rtu)
    driver = IoDriver(DEV, plc(), on, clock=clock, live=Live())
    tasks = len(asyncio.all_tasks())
    async with supervised(driver, ears, clock):
        await ears.hear(DeviceUp)
        for _ in range(20):
            proxy.reset()
            await asyncio.sleep(0.03)
        await until(
            lambda: len(ears.of(DeviceUp)) == len(ears.of(DeviceDown)) + 1, MAX_S + PATIENCE_S
        )
        assert proxy.accepted < 20  # each attempt later than the one before
    await until(lambda: proxy.open == 0)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)


async def test_27_a_port_that_swallows_connections_is_given_up() -> None:
    with blackhole() as port, pytest.raises(Unreachable, match="nobody answers"):
        async with (
            asyncio.timeout(PATIENCE_S),
            open_tags(DEV, plc(), line(port), RunningClock(), Live()),
        ):
            pass


@pytest.mark.parametrize("code", [1, 2, 3, 4, 8, 9])
async def test_28_an_exception_is_bad_for_its_tags_with_words_and_heals(
    wired: tuple[Bench, Proxy], code: int
) -> None:
    bench, proxy = wired
    async with tags_through(bench, proxy) as tags:
        bench[1].refuses = code
        await until(lambda: tags.value("a").quality == "bad")
        assert tags.value("a").reason
        with pytest.raises(Denied) as denied:
            await tags.write({"a": 1})
        assert denied.value.code == code
        bench[1].refuses = None
        assert (await tags.read("a"))["a"].value == 0  # polled again later, asked for at once


async def test_28_a_busy_device_is_asked_politely_and_its_values_stay(
    wired: tuple[Bench, Proxy],
) -> None:
    bench, proxy = wired
    async with tags_through(bench, proxy) as tags:
        bench[1].refuses = 6
        loop = asyncio.get_running_loop()
        begun, before = loop.time(), len(bench.asked)
        await until(lambda: len(bench.asked) >= before + 5)
        polls_without = (loop.time() - begun) / 0.05 * 2  # two blocks
        assert len(bench.asked) - before <= polls_without / 3
        assert {value.value for value in tags.view().values()} == set(SEEN.values())
        assert tags.value("a").quality == "good"

        async def ready_soon() -> None:
            await asyncio.sleep(0.1)
            bench[1].refuses = None

        soon = asyncio.create_task(ready_soon())
        await tags.write({"a": 31_415})  # it was not carried out: so it is sent again
        assert [words for _, _, words in bench[1].writes] == [[31_415]]
        await soon
        await until(lambda: tags.value("a").value == 31_415)


@pytest.mark.parametrize("late", [1, 2, 3, 5, 8])
async def test_29_a_late_reply_is_not_the_answer_to_the_next_question(
    wired: tuple[Bench, Proxy], late: int
) -> None:
    """So many questions late; of reads of one unit, function and size. On serial frames nothing
    but their order tells their replies apart."""
    bench, proxy = wired
    tags_ = {
        "a": {"at": "hr:0", "type": "uint16", "access": "rw"},
        "d": {"at": "hr:100", "type": "uint16"},
        "e": {"at": "hr:200", "type": "uint16"},
    }
    on = line(proxy.port, rtu=bench.rtu, timeout="100ms", retries=9)
    right: dict[str, object] = {"a": 0, "d": 100, "e": 200}
    held: list[bytes] = []
    behind = late

    def answers(asked: bytes, answer: bytes) -> list[bytes]:
        held.append(answer)
        return [held.pop(0) for _ in range(len(held) - behind)]

    ears, clock, live = Ears(), RunningClock(), Live()
    driver = IoDriver(DEV, device(1, tags_), on, clock=clock, live=live)

    def shown() -> dict[str, object]:
        values: dict[str, object] = {name: value.value for name, value in live.of(DEV).items()}
        assert set(values.items()) <= {*right.items(), ("a", 31_415)}, values
        return values

    async with supervised(driver, ears, clock):
        await ears.hear(DeviceUp)
        bench.spoil = answers
        asked = len(bench.asked)
        await until(lambda: bool(shown()) and len(bench.asked) >= asked + late + 4)
        behind = 0
        bench[1].hr[0] = 31_415
        await until(lambda: shown()["a"] == 31_415)
        asked = len(bench.asked)
        await until(lambda: bool(shown()) and len(bench.asked) >= asked + 12)
        assert shown() == {**right, "a": 31_415}


Spoiled = Callable[[Bench, bytes, bytes], list[bytes]]


def _retold(bench: Bench, asked: bytes, answer: bytes, *, unit: int = 1, cut: int = 0) -> bytes:
    """The answer with 666 in all its words; another unit, or so many words fewer."""
    pdu = answer[1:-2] if bench.rtu else answer[7:]
    if pdu[0] > 4:
        return answer
    count = pdu[1] // 2 - cut
    words = [666] * max(0, count)
    return bench.frame(asked, unit, struct.pack(f">BB{count}H", pdu[0], 2 * count, *words))


SPOILED: dict[str, Spoiled] = {
    "another unit": lambda b, q, a: [_retold(b, q, a, unit=9)],
    "another function": lambda b, q, a: [b.frame(q, 1, b"\x05\x02\x02\x9a")],
    "too few values": lambda b, q, a: [_retold(b, q, a, cut=1)],
    "too many values": lambda b, q, a: [_retold(b, q, a, cut=-1)],
    "half a frame": lambda b, q, a: [a[:-1]],
    "only a checksum": lambda b, q, a: [a[-2:]],
    "noise instead": lambda b, q, a: [b"\xff\x00\x5a" * 20],
    "an echo": lambda b, q, a: [q],
    "a transaction before": lambda b, q, a: [
        b"\xff\xff" + a[2:] if not b.rtu else _retold(b, q, a, unit=9)
    ],
    "another protocol": lambda b, q, a: [a[:2] + b"\x00\x07" + a[4:] if not b.rtu else a[::-1]],
}


@pytest.mark.parametrize("what", SPOILED)
async def test_30_what_does_not_answer_the_question_is_no_value(
    wired: tuple[Bench, Proxy], what: str
) -> None:
    bench, proxy = wired
    ears, clock, live = Ears(), RunningClock(), Live()
    on = line(proxy.port, rtu=bench.rtu, timeout="150ms", retries=3)
    driver = IoDriver(DEV, plc(), on, clock=clock, live=live)
    async with supervised(driver, ears, clock):
        await ears.hear(DeviceUp)
        left = [3]

        def spoil(asked: bytes, answer: bytes) -> list[bytes]:
            left[0] -= 1
            return SPOILED[what](bench, asked, answer) if left[0] >= 0 else [answer]

        bench.spoil = spoil
        wrong: list[object] = []

        def over() -> bool:
            shown = {name: value.value for name, value in live.of(DEV).items()}
            wrong.extend([shown] * (shown != SEEN))
            return left[0] < -2

        await until(over)
        assert wrong == []
        bench[1].hr[0] = 31_415
        await until(lambda: live.of(DEV)["a"].value == 31_415)


@pytest.mark.parametrize("way", ["byte by byte", "slowly", "twice", "in another order"])
async def test_31_pieces_doubles_and_disorder_show_right_values(
    wired: tuple[Bench, Proxy], way: str
) -> None:
    bench, proxy = wired
    held_back = way == "in another order"  # until the next question
    async with tags_through(bench, proxy, timeout="200ms" if held_back else "2s") as tags:
        match way:
            case "byte by byte":
                proxy.down.chop = proxy.up.chop = 1
            case "slowly":
                proxy.down.bytes_per_s = 2000.0
            case "twice":
                proxy.down.duplicate = 40
            case _:
                proxy.down.reorder = 3
        await rights_itself(bench, tags)
        done = proxy.down.passed
        await until(lambda: proxy.down.passed > done + 10)
        assert values(tags) == {**SEEN, "a": 31_415}


async def test_31_noise_before_the_reply_is_no_harm_on_serial_frames() -> None:
    bench = Bench(1, rtu=True)
    bench.spoil = lambda asked, answer: [b"\x00\xff", answer]
    async with on_tcp(bench), through(bench.port) as proxy, tags_through(bench, proxy) as tags:
        await rights_itself(bench, tags)


async def test_32_a_device_that_comes_back_empty_is_read_anew(wired: tuple[Bench, Proxy]) -> None:
    bench, proxy = wired
    ears, clock, live = Ears(), RunningClock(), Live()
    on = line(proxy.port, rtu=bench.rtu)
    driver = IoDriver(DEV, plc(), on, clock=clock, live=live)
    async with supervised(driver, ears, clock):
        await ears.hear(DeviceUp)
        bench[1].hr, bench[1].ir = [0] * 300, [0] * 300
        bench.hang_up()
        await ears.hear(DeviceUp, 2)
        shown = {name: value.value for name, value in live.of(DEV).items()}
        assert shown == {"a": 0, "b": 0, "c": 0}


async def test_33_a_write_whose_answer_is_lost_is_not_written_again(
    wired: tuple[Bench, Proxy],
) -> None:
    bench, proxy = wired
    async with tags_through(bench, proxy, timeout="300ms") as tags:

        def lose_the_ack(asked: bytes, answer: bytes) -> list[bytes]:
            function = asked[1] if bench.rtu else asked[7]
            return [] if function == 6 else [answer]

        bench.spoil = lose_the_ack
        with pytest.raises(NoReply):
            await tags.write({"a": 7})
        polls = len(bench[1].polls)
        await until(lambda: len(bench[1].polls) > polls + 4)
        assert bench[1].writes == [(6, 0, [7])]
        assert (await tags.read("a"))["a"].value == 7  # read back: it was carried out
