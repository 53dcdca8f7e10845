"""The service's numbers in the Prometheus text format, read when somebody asks."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.context import Gateway
from gateway.telemetry import Telemetry
from gateway.views.devices import devices
from gateway.views.status import status

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class _Ready(Collector):
    """Families that were made already; a registry wants a collector."""

    def __init__(self, families: Iterable[Any]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Any]:
        return self._families


def exposition(gateway: Gateway, conn: sqlite3.Connection) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ready(_families(gateway, conn)))
    return generate_latest(registry)


def _families(gateway: Gateway, conn: sqlite3.Connection) -> Iterable[Any]:
    facts = status(conn)
    yield _gauge("wedge_orders", "orders by state", ["state"], facts["orders"])
    yield _gauge("wedge_cartons", "cartons by state", ["state"], facts["cartons"])
    yield _gauge("wedge_errands_open", "what waits for a person", ["kind"], facts["errands"])
    yield from _outbox(facts["outbox"], gateway.now())
    events = CounterMetricFamily("wedge_events", "events decided", value=facts["last_event"])
    yield events
    yield GaugeMetricFamily("wedge_quarantined", "failed rules", value=facts["quarantined"])
    rows = devices(
        conn, gateway.settings.map, gateway.connected(), gateway.live, gateway.settings.site.mode
    )
    ups = {row["id"]: float(row["health"] == "up") for row in rows}
    yield _gauge("wedge_device_up", "1 while a device is available", ["device"], ups)
    simulated = {row["id"]: float(row["simulated"]) for row in rows}
    words = "1 while a simulator answers in the place of a device"
    yield _gauge("wedge_device_simulated", words, ["device"], simulated)
    automatic = {row["id"]: float(row["mode"] == "automatic") for row in rows}
    yield _gauge("wedge_device_automatic", "1 where rules may command", ["device"], automatic)
    timed = {name: ms / 1000 for name, ms in gateway.stats.decision_ms().items()}
    yield _gauge("wedge_decision_seconds", "taken to committed", ["quantile"], timed)
    yield _gauge("wedge_inbox_waiting", "observations", ["lane"], gateway.stats.waiting())
    dropped = CounterMetricFamily(
        "wedge_mqtt_dropped", "messages not taken", labels=["device", "topic"]
    )
    for key, count in gateway.live.drops.counts().items():
        dropped.add_metric(key, count)
    yield dropped
    if gateway.telemetry is not None:
        yield from _telemetry(gateway.telemetry)


def _telemetry(telemetry: Telemetry) -> Iterable[Any]:
    queue = telemetry.queue
    yield GaugeMetricFamily("wedge_telemetry_waiting", "not at the broker", value=queue.waiting)
    yield GaugeMetricFamily("wedge_telemetry_full", "part of the allowed size", value=queue.full)
    words = "messages that nobody will get"
    lost = CounterMetricFamily("wedge_telemetry_lost", words, labels=["device"])
    for device, count in (queue.lost + telemetry.refused).items():
        lost.add_metric([device], count)
    yield lost


def _outbox(hosts: Iterable[dict[str, Any]], now: datetime) -> Iterable[Any]:
    rows = list(hosts)
    waiting = {row["host"]: row["waiting"] for row in rows}
    parked = {row["host"]: row["parked"] for row in rows}
    oldest = {row["host"]: _age_s(row["oldest"], now) for row in rows}
    yield _gauge("wedge_outbox_waiting", "messages that wait", ["host"], waiting)
    yield _gauge("wedge_outbox_parked", "messages for a person", ["host"], parked)
    yield _gauge("wedge_outbox_oldest_seconds", "age of the oldest waiting", ["host"], oldest)


def _age_s(oldest: str | None, now: datetime) -> float:
    return (now - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0


def _gauge(name: str, words: str, labels: list[str], values: Any) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, words, labels=labels)
    for label, value in dict(values).items():
        made.add_metric([label], float(value))
    return made
