"""What people did, as it was journaled, with what was and what is."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.auditing import DECISIONS, FOUND, WORK, Act, acts, decisions, people
from tests.gateway.web.bench import T0, Bench, bench
from wcs.names import Barcode, DeviceId
from wcs.observations import (
    DeviceModeSet,
    DeviceReplaced,
    MethodCalled,
    Scanned,
    TagWritten,
    WriteRefused,
)

SCALE, SORTER = DeviceId("scale1"), DeviceId("sorter1")


async def a_morning(desk: Bench) -> None:
    await desk.site()
    at = desk.now.later(1)
    await desk.tell(DeviceModeSet(device=SORTER, mode="observe", by="anna", at=at))
    binding: dict[str, str | int] = {"host": "10.0.0.9"}
    await desk.tell(DeviceReplaced(device=SCALE, binding=binding, found="weighs", by="bo", at=at))
    await desk.tell(Scanned(scanner=SCALE, codes=(Barcode("X"),), by="cy", at=at))


def told(rows: list[Act]) -> list[tuple[str, str, str, str]]:
    return [(row["by"], row["act"], row["old"], row["new"]) for row in rows]


async def test_acts_of_people_with_name_and_what_they_changed(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        await a_morning(desk)
        rows = acts(conn)
        assert told(rows) == [
            ("bo", "DeviceReplaced", "as in the map", '{"host": "10.0.0.9"}'),
            ("anna", "DeviceModeSet", "automatic", "observe"),
            ("test", "SiteChanged", "", ""),
        ]
        assert rows[0]["what"] == 'device scale1, binding {"host": "10.0.0.9"}, found weighs'
        assert rows[2]["what"] == "site Wedge demo warehouse"
        assert [row["by"] for row in acts(conn, device="sorter1")] == ["anna"]
        assert [row["act"] for row in acts(conn, by="bo")] == ["DeviceReplaced"]
        assert people(conn) == ["anna", "bo", "test"]


async def test_a_tag_written_shows_what_it_was_and_what_became_of_it(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        await desk.tell(
            TagWritten(device=SORTER, tag="speed", value="1.5", outcome="refused", before="1.2",
                       reason="above its range", by="anna", at=desk.now())
        )  # fmt: skip
        await desk.tell(
            MethodCalled(device=SORTER, method="home", given='{"lane": 1}', outcome="unknown",
                         gave="", reason="no reply", by="anna", at=desk.now())
        )  # fmt: skip
        await desk.tell(
            WriteRefused(device=SORTER, what="lane 9", reason="above its range", by="wedge",
                         at=desk.now())
        )  # fmt: skip
        refused, called, written = acts(conn)
        assert (written["old"], written["new"]) == ("1.2", "1.5")
        assert (written["outcome"], written["reason"]) == ("refused", "above its range")
        assert written["what"] == "device sorter1, tag speed"
        assert (called["outcome"], called["reason"]) == ("unknown", "no reply")
        assert called["what"] == 'device sorter1, method home, given {"lane": 1}'
        assert (refused["by"], refused["outcome"]) == ("wedge", "refused")


async def test_what_devices_said_is_not_looked_through(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        (plan,) = conn.execute(f"EXPLAIN QUERY PLAN {FOUND}", (*WORK, None, None, None, 50))
        assert "USING INDEX journal_by" in plan[3]


def decided(folder: Path, *lines: dict[str, str] | str) -> None:
    file = folder / DECISIONS
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts) + "\n")


def decision(did: str, by: str, seconds: float) -> dict[str, str]:
    at = (T0 + timedelta(seconds=seconds)).isoformat(timespec="seconds")
    return {"at": at, "by": by, "did": did, "name": "CN=plc7", "fingerprint": "ab" * 32}


async def test_decisions_about_certificates_stand_among_the_acts(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        await a_morning(desk)
        decided(tmp_path, decision("create", "di", -60), decision("trust", "anna", 9))
        rows = acts(conn, data=tmp_path)
        assert told(rows)[0] == ("anna", "CertificateDecided", "rejected", "trusted")
        assert rows[0]["what"] == "certificate CN=plc7 abababababababab"
        assert told(rows)[-1] == ("di", "CertificateDecided", "", "our own")
        assert [row["act"] for row in acts(conn, by="di", data=tmp_path)] == ["CertificateDecided"]
        assert len(acts(conn, device="sorter1", data=tmp_path)) == 1


async def test_pages_hold_every_act_once(tmp_path: Path) -> None:
    with bench(tmp_path) as desk, desk.store.reader() as conn:
        for second in range(6):
            at = desk.now.later(10)
            mode = "observe" if second % 2 else "manual"
            await desk.tell(DeviceModeSet(device=SORTER, mode=mode, by="anna", at=at))  # type: ignore[arg-type]
        decided(tmp_path, *(decision("trust", f"p{n}", 10 * n + 5) for n in range(8)))
        found: list[Act] = []
        before = None
        while True:
            page = acts(conn, before=before, limit=2, data=tmp_path)
            found += page
            numbers = [row["seq"] for row in page if row["seq"]]
            if len(numbers) < 2:
                break
            before = min(numbers)
        assert sorted(row["by"] for row in found) == ["anna"] * 6 + [f"p{n}" for n in range(8)]
        assert [row["at"] for row in found] == sorted((r["at"] for r in found), reverse=True)


@pytest.mark.parametrize("line", ['{"at": "2026', "[]", '{"did": "trust"}', "", '{"at": "x"}'])
def test_a_line_that_was_cut_is_passed_over(tmp_path: Path, line: str) -> None:
    decided(tmp_path, line, decision("trust", "anna", 0))
    assert [row["by"] for row in decisions(tmp_path)] == ["anna"]
    assert decisions(tmp_path / "nowhere") == []
