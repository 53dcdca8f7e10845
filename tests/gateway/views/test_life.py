"""The life of a carton: what a search finds, the window that was left, words for every event."""

import dataclasses
import string
from datetime import timedelta
from pathlib import Path
from typing import get_args

from gateway.views.life import Subject, found, left_ms, life
from gateway.views.words import SENTENCES, sentence
from tests.gateway.web.bench import T0, bench
from tests.pages.busy import busy, carton
from wcs.commands import Divert
from wcs.events import (
    CartonMoved,
    CartonRouted,
    DeviceSimulationChanged,
    Event,
    LabelReceived,
)
from wcs.names import CarrierId, DeviceId, LaneId
from wcs.observations import DivertAnswered
from wcs.ports import Tx


def test_every_event_has_a_sentence_of_its_own_fields() -> None:
    kinds = {kind.__name__: kind for kind in get_args(Event)}
    assert set(SENTENCES) == set(kinds)
    for name, words in SENTENCES.items():
        known = {field.name for field in dataclasses.fields(kinds[name])}
        assert {field for _, field, *_ in string.Formatter().parse(words) if field} <= known, name


def test_a_sentence_never_fails() -> None:
    assert sentence("Unheard", {"x": 1}) == "Unheard"
    assert sentence("CartonRouted", {"lane": "1", "why": ""}) == "sent to lane 1"
    assert sentence("TripSent", {"lpns": ["L1", "L2"]}).endswith("with L1, L2: –")


def test_what_was_left_of_the_window() -> None:
    row = {
        "body": {"before": "2026-11-21T10:00:01.200000Z"},
        "commands": [{"answered_at": "2026-11-21T10:00:00.024000+00:00"}],
    }
    assert left_ms(row) == 1176.0
    assert left_ms({**row, "commands": [{"answered_at": None}]}) is None
    assert left_ms({**row, "commands": []}) is None


async def test_a_search_takes_plate_order_number_or_tracking(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        await busy(desk)
        made = carton(1020, "sorted", "lane 1")
        received = LabelReceived(
            lpn=made.lpn,
            order=made.order,
            carrier=CarrierId("swift"),
            tracking="SW0000000042",
            at=T0,
        )
        await desk.emit(received)
        site = desk.gateway.settings.site
        assert found(conn, site, "L00001020") == Subject(lpn="L00001020")
        assert found(conn, site, "shop:1020") == found(conn, site, "1020")
        assert found(conn, site, "SW0000000042") == Subject(lpn="L00001020")
        assert found(conn, site, "nothing' OR 1=1 --") is None


async def test_one_decision_is_one_step_with_its_window(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        made = carton(7, "moving", "tunnel1")
        before = T0 + timedelta(milliseconds=1200)
        commands: list[str] = []

        def route(tx: Tx) -> None:
            divert = Divert(
                device=DeviceId("sorter1"), track=7, lane=LaneId("1"), lpn=made.lpn, before=before
            )
            commands.append(tx.command(divert))
            routed = CartonRouted(
                lpn=made.lpn,
                order=made.order,
                device=DeviceId("sorter1"),
                track=7,
                lane=LaneId("1"),
                why="lane 1 takes cartons of swift",
                before=before,
                at=T0,
            )
            tx.emit(routed)
            tx.emit(routed)

        await desk.decide(route, raw="\\x0217;L00000007\\x03")
        answered = DivertAnswered(
            sorter=DeviceId("sorter1"),
            track=7,
            command=commands[0],
            code="accepted",
            at=T0 + timedelta(milliseconds=100),
        )
        await desk.tell(answered)
        (step,) = life(conn, Subject(lpn=made.lpn))["steps"]
        assert step["texts"] == ["sent to lane 1: lane 1 takes cartons of swift"] * 2
        assert step["raw"] == "\\x0217;L00000007\\x03" and step["because"] == "Weighed"
        assert step["commands"][0]["result"] == "accepted"
        assert step["left_ms"] == 1100.0


async def test_what_a_simulator_had_a_part_in_says_so(tmp_path: Path) -> None:
    def switched(on: bool) -> DeviceSimulationChanged:
        why = "SIMULATED from now on" if on else "the real one again"
        return DeviceSimulationChanged(device=DeviceId("scale1"), on=on, why=why, by="anna", at=T0)

    with bench(tmp_path) as desk, desk.store.reader() as conn:
        made = carton(1020, "sorted", "lane 1")
        await desk.save(made)
        moved = CartonMoved(lpn=made.lpn, order=made.order, place="PACK", why="", at=T0)
        for change in (None, switched(True), switched(False)):
            if change:
                await desk.emit(change)
            await desk.emit(moved)
        told = life(conn, Subject(lpn=made.lpn))
        assert [step["simulated"] for step in told["steps"]] == [(), ("scale1",), ()]
