"""From starting the program to its first decision, and the memory it lives in: the demo's site with
every device away, the planner apart."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

ROOT = Path(__file__).parents[2]
SECRETS = dict.fromkeys(("SHOP_SECRET", "ERP_TOKEN", "CARRIER_TOKEN"), "bench")
RUNS, LIVED_S, WITHIN_S = 3, 4.0, 30.0


def rows() -> list[tuple[str, float, float, str]]:
    runs = [_run() for _ in range(RUNS)]
    seconds = sorted(seconds for seconds, _ in runs)[RUNS // 2]
    return [
        ("start to first decision", seconds, 0.0, "<= 2 s"),
        ("resident memory of the demo site, MB", max(mb for _, mb in runs), 0.0, "<= 220"),
    ]


def _run() -> tuple[float, float]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "gateway", "run", str(ROOT / "config/demo")]
        began = perf_counter()
        gateway = subprocess.Popen(
            [*command, "--data", folder, "--port", "0"],
            cwd=ROOT,
            env={**os.environ, **SECRETS},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            seconds = _decided_after(Path(folder) / "wedge.db", began)
            sleep(LIVED_S)
            return seconds, _resident_mb(gateway.pid)
        finally:
            gateway.terminate()
            gateway.wait(timeout=10)


def _decided_after(database: Path, began: float) -> float:
    while perf_counter() - began < WITHIN_S:
        with suppress(sqlite3.Error), closing(_reader(database)) as conn:
            if conn.execute("SELECT 1 FROM journal LIMIT 1").fetchone():
                return perf_counter() - began
        sleep(0.01)
    raise TimeoutError(f"no decision within {WITHIN_S} s")


def _reader(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
