"""From starting the program to its first decision, and the memory it lives in: the demo's site with
every device away, the planner apart."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import httpx

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
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            seconds = _decided_after(gateway, began)
            sleep(LIVED_S)
            return seconds, _resident_mb(gateway.pid)
        finally:
            gateway.terminate()
            gateway.wait(timeout=10)


def _decided_after(gateway: "subprocess.Popen[str]", began: float) -> float:
    assert gateway.stdout is not None
    line = gateway.stdout.readline()
    url = line.removeprefix("open ").partition("/enter")[0]
    while perf_counter() - began < WITHIN_S:
        try:
            if httpx.get(f"{url}/health/ready", trust_env=False).status_code == 200:
                return perf_counter() - began
        except httpx.HTTPError:
            pass
        sleep(0.01)
    raise TimeoutError(f"no decision within {WITHIN_S} s")


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
