"""`wedge demo --exit --json` with one seed after the other, as anybody would run it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.flows.warehouse import ROOT
from tests.soak.result import Run

WITHIN_S = 900.0
SHOWN = ("orders_total", "orders_shipped", "cartons_diverted", "messages_delivered", "decision_ms")


def run(folder: Path, seed: int, orders: int, speed: float, *, faults: bool) -> Run:
    made = Run(f"demo, seed {seed}, {orders} orders" + (", faults" if faults else ""))
    given = {"orders": orders, "seed": seed, "speed": speed, "data": folder}
    command = [sys.executable, "-m", "gateway", "demo", "--exit", "--json"]
    command += [f"--{name}={value}" for name, value in given.items()]
    command += ["--faults"] if faults else []
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    if ended.stdout.strip():
        found = json.loads(ended.stdout)
        made.facts = {name: found[name] for name in SHOWN}
    if ended.returncode:
        made.reasons = [f"exit {ended.returncode}", *ended.stderr.splitlines()[-20:]]
    return made
