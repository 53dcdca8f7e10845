"""Swapping devices again and again: what runs is what was wanted, and nothing is lost by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import Unreachable
from devices.links import Links
from devices.live import Live
from devices.map.schema import Scale, TcpClient
from devices.mode import MODES, Mode
from devices.plant import Effective, Plant
from devices.supervise import MAX_S, supervise, waits
from devices.tags.value import Value
from devices.trial import trial
from devices.watched import Watched
from tests.devices.peers import SOON, T0, HandClock, posted
from wcs.commands import PrintLabel
from wcs.envelope import Answer, Nobody, Posted, Seen
from wcs.names import DeviceId, Lpn
from wcs.observations import CommandFailed, DeviceDown, DeviceUp, Observation, Weighed

A, B, C = (DeviceId(f"scale{n}") for n in (1, 2, 3))


def weighed(grams: int) -> Weighed:
    return Weighed(scale=A, grams=grams, at=T0)


class Talker:
    """Yields what it is given, as it is given: several at once are one read of the wire."""

    has: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.reads: asyncio.Queue[list[Observation]] = asyncio.Queue()
        self.held: list[Posted] = []

    async def observations(self) -> AsyncIterator[Seen]:
        while True:
            for one in await self.reads.get():
                yield Seen(one, Nobody())

    def post(self, posted: Posted) -> None:
        self.held.append(posted)

    def last_words(self) -> list[Seen]:
        held, self.held = self.held, []
        return [Seen(_failed(one), Nobody()) for one in held]

    def settled(self, seen: Seen, answer: Answer) -> None: ...


def _failed(held: Posted) -> CommandFailed:
    return CommandFailed(
        device=held.command.device, command=held.id, what="", reason="swapped", at=T0
    )


class One:
    def __init__(self, id: DeviceId, session: Any) -> None:
        self.id, self._session = id, session
        self.open = 0

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        self.open += 1
        try:
            yield self._session
        finally:
            self.open -= 1


class Ears:
    """Hears at once, or holds whoever reports."""

    def __init__(self) -> None:
        self.heard: list[Observation] = []
        self.room = asyncio.Event()
        self.room.set()
        self.waiting = asyncio.Event()
        self._more = asyncio.Event()

    async def report(self, seen: Seen) -> None:
        if not self.room.is_set():
            self.waiting.set()
        await self.room.wait()
        self.heard.append(seen.observation)
        self._more.set()

    async def hear(self, one: Observation) -> None:
        async with asyncio.timeout(5):
            while one not in self.heard:
                self._more.clear()
                await self._more.wait()


async def test_what_was_read_when_the_device_is_taken_away_is_still_told() -> None:
    ears, talker = Ears(), Talker()
    links = Links(ears.report, HandClock())
    running = asyncio.create_task(supervise(One(A, talker), links, ears.report, HandClock()))
    await ears.hear(DeviceUp(device=A, at=T0))
    ears.room.clear()  # the inbox is full
    talker.reads.put_nowait([weighed(1), weighed(2), weighed(3)])
    await ears.waiting.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    reporting = asyncio.create_task(links.run())
    ears.room.set()
    await ears.hear(weighed(3))
    reporting.cancel()
    assert ears.heard[1:] == [weighed(1), weighed(2), weighed(3)]


async def test_commands_that_wait_in_a_swapped_session_come_back() -> None:
    ears, talker = Ears(), Talker()
    links = Links(ears.report, HandClock())
    running = asyncio.create_task(supervise(One(A, talker), links, ears.report, HandClock()))
    reporting = asyncio.create_task(links.run())
    await ears.hear(DeviceUp(device=A, at=T0))
    label = PrintLabel(device=A, lpn=Lpn("L00000001"), zpl="^XA^XZ", before=SOON)
    links.post(posted(label, "4-1"))
    running.cancel()
    failed = CommandFailed(device=A, command="4-1", what="", reason="swapped", at=T0)
    await ears.hear(failed)
    reporting.cancel()
    links.post(posted(label, "4-2"))  # nobody is there any more: told as well
    assert links._waiting.get_nowait().observation.reason == f"{A} is not connected"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("mode", "by_person", "reason"),
    [
        ("off", False, "switched off"),
        ("observe", True, "only observed: nothing is written to it"),
        ("manual", False, "in manual: only people command it"),
        ("manual", True, ""),
        ("automatic", False, ""),
    ],
)
async def test_the_links_let_out_what_the_mode_allows(
    mode: Mode, by_person: bool, reason: str
) -> None:
    links, talker = Links(Ears().report, HandClock()), Talker()
    links.opened(A, talker)
    links.allow(A, mode)
    label = PrintLabel(device=A, lpn=Lpn("L00000001"), zpl="^XA^XZ", before=SOON)
    links.post(posted(label), by_person=by_person)
    if not reason:
        assert [one.command for one in talker.held] == [label]
    else:
        told = links._waiting.get_nowait().observation
        assert isinstance(told, CommandFailed) and told.reason == reason
        assert talker.held == []


async def test_a_lost_device_shows_nothing_as_good() -> None:
    live, ears = Live(), Ears()
    live.put(A, "weight", Value(12, T0, "g"))

    class Gone:
        id = A

        @asynccontextmanager
        async def session(self) -> AsyncIterator[Any]:
            raise Unreachable(A, "closed the line")
            yield

    links = Links(ears.report, HandClock())
    running = asyncio.create_task(supervise(Gone(), links, ears.report, HandClock(), live))
    await ears.hear(DeviceDown(device=A, reason="closed the line", at=T0))
    running.cancel()
    shown = live.of(A)["weight"]
    assert (shown.value, shown.quality, shown.reason) == (12, "bad", "closed the line")


async def test_one_that_is_waited_for_on_an_open_line_is_said_to_be_away_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("devices.supervise.SAID_WITHIN_S", 0.02)
    ears, there = Ears(), asyncio.Event()

    class Slow:
        id = A

        @asynccontextmanager
        async def session(self) -> AsyncIterator[Any]:
            await there.wait()
            yield Talker()

    links = Links(ears.report, HandClock())
    running = asyncio.create_task(supervise(Slow(), links, ears.report, HandClock()))
    await ears.hear(DeviceDown(device=A, reason="does not answer yet; waiting for it", at=T0))
    there.set()
    await ears.hear(DeviceUp(device=A, at=T0))
    running.cancel()


def test_local_devices_are_never_left_alone_for_more_than_three_seconds() -> None:
    delays = waits()
    assert max(next(delays) for _ in range(1000)) <= MAX_S == 3.0


def effective(port: int, mode: Mode) -> Effective:
    config = Scale(kind="scale", connection="line", protocol="mt-sics")
    return Effective(config, TcpClient(type="tcp-client", host="127.0.0.1", port=port), mode)


steps = st.lists(
    st.dictionaries(
        st.sampled_from((A, B, C)), st.builds(effective, st.integers(1, 2), st.sampled_from(MODES))
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_after_any_changes_exactly_what_is_wanted_runs(steps: list[dict[DeviceId, Any]]) -> None:
    asyncio.run(_applied(steps))


async def _applied(steps: list[dict[DeviceId, Effective]]) -> None:
    ears, made = Ears(), list[One]()

    def make(id: DeviceId, how: Effective) -> One:
        made.append(One(id, Talker()))
        return made[-1]

    links = Links(ears.report, HandClock())
    plant = Plant(make, links, ears.report, HandClock(), Live())
    for wanted in steps:
        before, count = dict(plant.running), len(made)
        await plant.apply(wanted)
        on = {id: how for id, how in wanted.items() if how.mode != "off"}
        assert plant.running == on
        anew = [one.id for one in made[count:]]
        assert sorted(anew) == sorted(id for id, how in on.items() if before.get(id) != how)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert {one.id for one in made if one.open} == set(plant.running)
    await plant.close()
    assert not any(one.open for one in made) and not links


async def test_a_driver_that_cannot_be_made_changes_nothing() -> None:
    ears = Ears()

    def make(id: DeviceId, how: Effective) -> One:
        if how.connection.port == 2:  # type: ignore[union-attr]
            raise ValueError("no such thing")
        return One(id, Talker())

    plant = Plant(make, Links(ears.report, HandClock()), ears.report, HandClock())
    await plant.apply({A: effective(1, "automatic")})
    with pytest.raises(ValueError, match="no such thing"):
        await plant.apply({A: effective(2, "automatic"), B: effective(1, "automatic")})
    assert set(plant.running) == {A}
    await plant.close()


async def test_a_trial_hears_the_first_word_and_no_more() -> None:
    talker = Talker()
    talker.reads.put_nowait([weighed(1)])
    assert await trial(One(A, talker), Live(), 5) == "it said Weighed"


async def test_a_trial_believes_what_is_shown_but_not_noise() -> None:
    live, one = Live(), One(A, Talker())
    live.put(A, "noise", Value(7, T0, "B"))
    with pytest.raises(Unreachable, match=r"said nothing in 0.1 s"):
        await trial(one, live, 0.1)
    live.put(A, "noise", Value(0, T0, "B"))
    assert await trial(one, live, 5) == "it shows noise 0"
    assert one.open == 0


async def test_a_device_that_swallows_its_cancellation_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("devices.plant.AGAIN_S", 0.02)
    ears, swallowed = Ears(), asyncio.Event()

    class Stubborn(Talker):
        async def observations(self) -> AsyncIterator[Seen]:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.set()
            await asyncio.Event().wait()
            yield  # type: ignore[misc]

    links = Links(ears.report, HandClock())
    plant = Plant(lambda id, how: One(id, Stubborn()), links, ears.report, HandClock())
    await plant.apply({A: effective(1, "automatic")})
    await ears.hear(DeviceUp(device=A, at=T0))
    async with asyncio.timeout(5):
        await plant.apply({})
    assert swallowed.is_set() and not plant.running


async def test_only_the_brokers_receipt_is_settled_for_an_observed_device() -> None:
    settled: list[str] = []

    class Receipt:
        def settled(self, seen: Seen, answer: Answer) -> None:
            settled.append("broker")

    class Tells(Talker):
        async def observations(self) -> AsyncIterator[Seen]:
            yield Seen(weighed(1), self)
            yield Seen(weighed(2), Receipt())

        def settled(self, seen: Seen, answer: Answer) -> None:
            settled.append("device")

    async with Watched(One(A, Tells())).session() as session:
        async for seen in session.observations():
            seen.source.settled(seen, Answer("accepted", "", 1))
        with pytest.raises(PermissionError, match="only observed"):
            session.post(posted(PrintLabel(device=A, lpn=Lpn("L1"), zpl="", before=SOON)))
    assert settled == ["broker"]
