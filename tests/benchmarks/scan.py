"""Scan to acknowledged divert command, 200 cartons a second, beside a hand-written loop."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import rig

SCANS, EVERY_S, WINDOW_S, RUNS = 1000, 0.005, 1.2, 3


def rows() -> list[tuple[str, float, float, str]]:
    ours, floors = [], []
    for _ in range(RUNS):
        floors.append(_floor())
        ours.append(_ours())
    p50, p50_floor = (_median([_at(run, 0.5) for run in runs]) for runs in (ours, floors))
    p99, p99_floor = (_median([_at(run, 0.99) for run in runs]) for runs in (ours, floors))
    worst = max(max(run) for run in ours)
    return [
        ("scan -> commit -> Modbus write, 200/s, p50", p50, p50_floor, "<= 2x"),
        ("scan -> commit -> Modbus write, 200/s, p99", p99, p99_floor, "<= 3x"),
        ("scan -> commit -> Modbus write, worst", worst, 0.0, "no stall > 50 ms"),
    ]


def _ours() -> list[float]:
    with (
        TemporaryDirectory() as folder,
        rig.peer() as (process, ports),
        rig.gateway(Path(folder), ports, SCANS),
    ):
        return _seconds(process)


def _floor() -> list[float]:
    with (
        TemporaryDirectory() as folder,
        rig.peer() as (process, ports),
        rig.floor(ports, Path(folder) / "log"),
    ):
        return _seconds(process)


def _seconds(process: object) -> list[float]:
    """A scan that was not answered in its window took the window."""
    result = rig.play(process, scans=SCANS, every_s=EVERY_S, window_s=WINDOW_S, events=False)  # type: ignore[arg-type]
    return [ms / 1000 for ms in result["ms"]] + [WINDOW_S] * result["missed"]


def _at(values: list[float], quantile: float) -> float:
    return sorted(values)[int(quantile * (len(values) - 1))]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
