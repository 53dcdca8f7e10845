"""The same cases over every line that a scanner can have."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from devices.links import Links
from devices.supervise import supervise
from tests.contract.scanners import HEARING, ID, WIRES, Rig, rig
from tests.devices.peers import ACCEPTED, REFUSED
from wcs.envelope import Answer, Seen
from wcs.observations import DeviceDown, DeviceUp, Scanned

PATIENCE_S = 20.0


class Loop:
    """A control loop that supervises one scanner and answers at once."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.seen = rig, list[Seen]()
        self.answer: Answer | None = ACCEPTED
        self._more = asyncio.Event()

    async def report(self, seen: Seen) -> None:
        self.seen.append(seen)
        self._more.set()
        if self.answer is not None:
            seen.source.settled(seen, self.answer)

    @property
    def codes(self) -> list[str]:
        found = (one.observation for one in self.seen)
        return [code for one in found if isinstance(one, Scanned) for code in one.codes]

    @property
    def noise(self) -> float:
        shown = self.rig.live.of(ID).get("noise")
        return shown.value if shown and isinstance(shown.value, int | float) else 0

    def of(self, kind: type) -> int:
        return sum(isinstance(one.observation, kind) for one in self.seen)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Looks again after each observation, and now and then."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self._hears(0.02)

    async def is_up(self, times: int = 1) -> None:
        await self.until(lambda: self.of(DeviceUp) >= times)

    async def reads(self, code: str) -> None:
        """Pulls the trigger until the code has come: the line may have been lost on the way."""
        before = self.codes.count(code)
        async with asyncio.timeout(PATIENCE_S):
            while self.codes.count(code) == before:
                self.rig.reads(code)
                await self._hears(1.0)

    async def _hears(self, within_s: float) -> None:
        self._more.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._more.wait()


@pytest.fixture(params=WIRES)
async def at(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Loop]:
    monkeypatch.setattr("devices.supervise.waits", lambda: itertools.repeat(0.05))
    async with rig(request.param, tmp_path) as scanner:
        loop = Loop(scanner)
        links = Links(loop.report, scanner.clock)
        running = asyncio.create_task(
            supervise(scanner.driver(), links, loop.report, scanner.clock, scanner.live)
        )
        await loop.is_up()
        yield loop
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_codes_come_in_their_order(at: Loop) -> None:
    for code in ("L00000001", "L00000002", "GRÖSSE-7"):
        at.rig.reads(code)
    await at.until(lambda: len(at.codes) >= 3)
    assert at.codes == ["L00000001", "L00000002", "GRÖSSE-7"]


async def test_it_does_not_matter_how_the_bytes_come(at: Loop) -> None:
    at.rig.fault("chopped")
    at.rig.reads("L00000001")
    await at.until(lambda: len(at.codes) == 1)
    at.rig.fault("chopped", False)
    at.rig.fault("merged")
    at.rig.reads("L00000002")
    at.rig.reads("L00000003")
    await at.until(lambda: len(at.codes) >= 3)
    assert at.codes == ["L00000001", "L00000002", "L00000003"]


async def test_half_a_code_is_no_code(at: Loop) -> None:
    whole = "L00000001" * 8  # two reports of a USB scanner
    at.rig.fault("torn")
    at.rig.reads(whole)
    at.rig.fault("torn", False)
    await at.until(lambda: at.noise > 0)
    await at.reads("L00000002")
    assert set(at.codes) <= {whole, "L00000002"}  # a packet comes again, and is whole


async def test_unplugged_it_is_away_and_plugged_in_it_is_back(at: Loop) -> None:
    await at.reads("L00000001")
    at.rig.fault("unplugged")
    await at.until(lambda: at.of(DeviceDown) >= 1)
    assert at.rig.live.of(ID)["noise"].quality == "bad"
    at.rig.fault("unplugged", False)
    await at.is_up(2)
    await at.reads("L00000002")


async def test_a_line_that_breaks_heals(at: Loop) -> None:
    await at.reads("L00000001")
    at.rig.fault("disconnect")
    await at.is_up(2)
    await at.reads("L00000002")
    assert set(at.codes) == {"L00000001", "L00000002"}


async def test_noise_between_the_codes_stops_nothing(at: Loop) -> None:
    at.rig.fault("noise")
    for number in range(5):
        at.rig.reads(f"L0000000{number}")
    at.rig.fault("noise", False)
    await at.reads("L00000009")
    await at.reads("L00000008")


async def test_the_operator_hears_what_the_transaction_says(at: Loop) -> None:
    await at.reads("L00000001")
    at.answer = REFUSED
    await at.reads("L00000002")
    if at.rig.config.feedback.style != "none":
        await at.until(lambda: at.rig.tones == [True, False])
    else:
        assert at.rig.tones == []


async def test_before_the_answer_nothing_is_heard_and_a_late_one_is_not(at: Loop) -> None:
    at.answer = None
    await at.reads("L00000001")
    first = at.seen[-1]
    at.rig.clock.moves(2.0)
    first.source.settled(first, ACCEPTED)
    at.answer = REFUSED
    await at.reads("L00000002")
    if at.rig.config.feedback.style != "none":
        await at.until(lambda: bool(at.rig.tones))
    assert at.rig.tones == ([False] if at.rig.config.feedback.style != "none" else [])


@pytest.mark.parametrize("wire", HEARING)
async def test_a_scanner_that_is_only_observed_is_told_nothing(wire: str, tmp_path: Path) -> None:
    async with rig(wire, tmp_path) as scanner, scanner.driver("observe").session() as session:
        observed = aiter(session.observations())
        hearing = asyncio.ensure_future(anext(observed))
        async with asyncio.timeout(PATIENCE_S):
            while not hearing.done():
                scanner.reads("L00000001")
                await asyncio.wait([hearing], timeout=1.0)
        seen = hearing.result()
        session.settled(seen, ACCEPTED)
        scanner.reads("L00000002")
        async with asyncio.timeout(PATIENCE_S):
            while (seen := await anext(observed)).raw != "L00000002":
                continue
        assert scanner.tones == []
