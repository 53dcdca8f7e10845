"""Telemetry on a real Mosquitto: in order, kept while the broker is away, bounded, said when asked
for."""

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest

from devices.tags.value import Value
from gateway.settings import SettingsError
from gateway.sitefile import TelemetryConfig
from gateway.telemetry import FILE
from sync.telemetry import Message
from sync.telemetry_file import TelemetryFile
from tests.devices.brokers import Broker, MqttPeer
from tests.devices.peers import PATIENCE_S, T0
from tests.gateway.telemetry.site import CONFIG, PLC, Reader, Site, site
from wcs.names import DeviceId


async def test_every_poll_is_published_in_order(broker: Broker, tmp_path: Path) -> None:
    async with Reader(broker) as reader, site(broker, tmp_path) as ours:
        for _ in range(200):
            ours.polls()
        first, *others = await reader.reads(200)
        assert first == {
            "device": "plc",
            "at": "2026-11-21T10:00:00.000Z",
            "seq": first["seq"],
            "poll": "normal",
            "values": {"count": 1},
            "raw": {"count": [1]},
            "quality": {},
        }
        seqs = [told["seq"] for told in (first, *others)]
        assert seqs == list(range(seqs[0], seqs[0] + 200))
        assert [told["values"]["count"] for told in others] == list(range(2, 201))
        assert reader.doubles == 0


async def test_what_is_polled_while_the_broker_is_away_comes_when_it_is_back(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        async with site(broker, tmp_path) as ours:
            async with Reader(broker) as reader:
                ours.polls()
                assert await reader.counts(1) == [1]
            broker.stop()
            await ours.is_away()
            for _ in range(500):
                ours.polls()
            async with reconnected(broker, ours) as reader:
                assert await reader.counts(500) == list(range(2, 502))
                await ours.is_well()
    assert len([r for r in caplog.records if "what is polled is kept" in r.message]) <= 2


class reconnected:
    """A reader that is there before our telemetry is."""

    def __init__(self, broker: Broker, ours: Site) -> None:
        self._broker, self._ours = broker, ours
        self._connection, ours.connection = ours.connection, None

    async def __aenter__(self) -> Reader:
        self._broker.start()
        self._reader = await Reader(self._broker).__aenter__()
        self._ours.connection = self._connection
        return self._reader

    async def __aexit__(self, *_: object) -> None:
        await self._reader.__aexit__()


async def test_what_was_kept_comes_after_a_restart_of_ours(broker: Broker, tmp_path: Path) -> None:
    broker.stop()
    async with site(broker, tmp_path) as ours:
        for _ in range(30):
            ours.polls()
    broker.start()
    async with Reader(broker) as reader, site(broker, tmp_path) as again:
        assert await reader.counts(30) == list(range(1, 31))
        again.polls()
        assert await reader.counts(1) == [1]
        assert reader.doubles == 0


async def test_a_broker_that_dies_amid_the_messages_gets_the_rest_and_perhaps_some_again(
    broker: Broker, tmp_path: Path
) -> None:
    async with site(broker, tmp_path) as ours:
        got: list[int] = []
        last: dict[str, int] = {}
        async with Reader(broker) as reader:
            for _ in range(2_000):
                ours.polls()
            got += await reader.counts(700)
            last = reader.last
            broker.dies()
            await ours.is_away()
            ours.polls()
        async with reconnected(broker, ours) as again:
            again.last = last
            got += await again.counts(1)  # what was on its way when the broker died, it had taken
            got += await again.counts(2_001 - got[-1])
        assert got[:700] == list(range(1, 701))
        assert got[700:] == list(range(got[700], 2_002))


async def test_a_broker_that_is_frozen_is_left_and_loses_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    connection = broker.connection.model_copy(update={"keepalive_s": 1.0})
    async with site(broker, tmp_path, connection=connection) as ours:
        await ours.is_well()
        broker.freezes()
        for _ in range(20):
            ours.polls()
        await ours.is_away()
        assert "says nothing any more" in ours.telemetry.trouble()["telemetry"]
        broker.thaws()
        await ours.is_well()
        async with asyncio.timeout(PATIENCE_S):
            while ours.telemetry.queue.waiting:
                await asyncio.sleep(0.01)


async def test_a_message_that_is_too_large_is_dropped_counted_and_said_with_its_topic(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    small = TelemetryConfig.model_validate({**CONFIG.model_dump(by_alias=True), "largest": "1KB"})
    async with Reader(broker) as reader, site(broker, tmp_path, small) as ours:
        await ours.is_well()
        for value in ("x" * 2_000, "y" * 2_000, 7):
            ours.polls(value)
        (told,) = await reader.reads(1)
        assert told["values"] == {"count": 7}
        assert ours.telemetry.refused == {"plc": 2}
        assert (
            "2 messages lost so far, of wedge/wh1/tags/plc" in ours.telemetry.trouble()["telemetry"]
        )
        ours.clock.moves(601)
        assert ours.telemetry.trouble() == {}
    said = [one for one in caplog.messages if "dropped on wedge/wh1/tags/plc" in one]
    assert len(said) == 1


async def test_a_state_is_said_when_somebody_asks_and_stays_with_the_broker(
    broker: Broker, tmp_path: Path
) -> None:
    async with site(broker, tmp_path) as ours:
        ours.live.put(PLC, "count", Value(5, T0, raw=(5,)))
        await ours.is_well()
        async with MqttPeer(broker, "wedge/wh1/state/+") as asking:
            await asking.says("wedge/wh1/state/nobody/get", {})
            await asking.says("wedge/wh1/state/plc/get", {})
            topic, told = await asking.hears()
            assert (topic, told["values"], told["quality"]) == (
                "wedge/wh1/state/plc", {"count": 5}, {}
            )  # fmt: skip
        async with MqttPeer(broker, "wedge/wh1/state/+") as later:
            assert await later.hears() == (topic, told)


async def test_a_request_that_was_retained_is_no_request(broker: Broker, tmp_path: Path) -> None:
    async with MqttPeer(broker, "wedge/wh1/state/+") as asking:
        await asking.says("wedge/wh1/state/plc/get", {}, retain=True)
        async with site(broker, tmp_path) as ours:
            for device in ("plc", "other"):
                ours.live.put(DeviceId(device), "count", Value(5, T0))
            await ours.is_well()
            await asking.says("wedge/wh1/state/other/get", {})
            topic, _ = await asking.hears()
            assert topic == "wedge/wh1/state/other"


async def test_a_broker_that_refuses_us_is_said(broker: Broker, tmp_path: Path) -> None:
    broker.stop()
    broker.allows_only("wedge", "right")
    broker.start()
    async with site(broker, tmp_path) as ours:
        async with asyncio.timeout(PATIENCE_S):
            while "does not let us in" not in ours.telemetry.trouble()["telemetry"]:
                await asyncio.sleep(0.01)


async def test_a_broken_file_is_laid_aside(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all, and long enough to be looked at" * 100)
    async with Reader(broker) as reader, site(broker, tmp_path) as ours:
        ours.polls()
        assert await reader.counts(1) == [1]
    assert (tmp_path / f"{FILE}.broken").read_bytes().startswith(b"no database")
    assert "laid aside" in caplog.text


def test_a_folder_that_cannot_be_written_is_said_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="telemetry cannot be kept"):
        Site(Broker.connection, tmp_path / "missing")  # type: ignore[arg-type]


async def test_a_file_that_cannot_be_read_is_an_alarm_until_it_can(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.stop()
    async with site(broker, tmp_path) as ours:
        for _ in range(3):
            ours.polls()
    broker.start()
    broken = True

    def between(self: TelemetryFile, *about: int) -> list[Message]:
        if broken:
            raise sqlite3.OperationalError("disk I/O error")
        return read(self, *about)

    read = TelemetryFile.between
    monkeypatch.setattr(TelemetryFile, "between", between)
    async with Reader(broker) as reader, site(broker, tmp_path) as again:
        async with asyncio.timeout(PATIENCE_S):
            while "disk I/O error" not in again.telemetry.trouble().get("telemetry", ""):
                await asyncio.sleep(0.01)
        broken = False
        assert await reader.counts(3) == [1, 2, 3]
        await again.is_well()


async def test_a_fault_of_ours_ends_telemetry_and_nothing_else(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(broker, tmp_path) as ours:
        await ours.is_well()
        monkeypatch.setattr(ours.telemetry, "_topic", lambda device: 1 / 0)
        ours.polls()
        async with asyncio.timeout(PATIENCE_S):
            await ours.running
        assert "a fault of ours" in ours.telemetry.trouble()["telemetry"]
        for _ in range(10):
            ours.polls()  # neither waits nor raises


async def test_a_poll_that_cannot_be_put_in_words_harms_nobody(
    broker: Broker, tmp_path: Path
) -> None:
    async with Reader(broker) as reader, site(broker, tmp_path) as ours:
        await ours.is_well()
        ours.polls(object())  # type: ignore[arg-type]
        ours.polls(7)
        (told,) = await reader.reads(1)
        assert told["values"] == {"count": 7}
        assert ours.telemetry.refused == {"plc": 1}
