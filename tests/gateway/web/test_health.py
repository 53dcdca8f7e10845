"""Alive, ready, degraded; and the numbers."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.gateway.web.bench import Bench
from tests.pages.busy import busy


async def test_alive_without_a_site_and_ready_with_one(desk: Bench, web: httpx.AsyncClient) -> None:
    assert (await web.get("/health/live")).json() == {"status": "alive"}
    early = await web.get("/health/ready")
    assert early.status_code == 503 and early.json()["why"] == "the site is not loaded yet"
    await busy(desk, down="")
    assert (await web.get("/health/ready")).json() == {
        "status": "ready",
        "why": "",
        "degraded": [],
    }


async def test_a_device_that_is_away_is_listed_and_no_failure(
    desk: Bench, web: httpx.AsyncClient
) -> None:
    await busy(desk, down="print1")
    answer = await web.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["degraded"] == [{"id": "print1", "why": "closed by the printer"}]


async def test_a_store_that_failed_is_not_ready(desk: Bench, web: httpx.AsyncClient) -> None:
    await busy(desk)
    desk.trouble = "wedge.db: disk full (free space on its disk, then start again)"
    answer = await web.get("/health/ready")
    assert answer.status_code == 503 and "disk full" in answer.json()["why"]


async def test_metrics_are_read_by_prometheus(desk: Bench, api: httpx.AsyncClient) -> None:
    await busy(desk)
    families = {
        family.name: family
        for family in text_string_to_metric_families((await api.get("/metrics")).text)
    }
    states = {s.labels["state"]: s.value for s in families["wedge_orders"].samples}
    assert states["shipped"] == 23
    up = {s.labels["device"]: s.value for s in families["wedge_device_up"].samples}
    assert up["print1"] == 0 and up["hand1"] == 1
    assert families["wedge_events"].samples[0].value == 21
    timed = {s.labels["quantile"]: s.value for s in families["wedge_decision_seconds"].samples}
    assert timed == pytest.approx({"p50": 0.0004, "p99": 0.0021, "max": 0.0033})
