"""8,640 cartons an hour through one tunnel for ten minutes: no missed divert window, no wrong lane.

The tunnel and the PLC are `tests.benchmarks.floor_peer`, with induct and confirm events; the
gateway is the demo's.
"""

from pathlib import Path

from tests.benchmarks import rig
from tests.soak.result import Run

EVERY_S, MINUTES, WINDOW_S = 3600 / 8640, 10.0, 1.2


def run(folder: Path, minutes: float = MINUTES) -> Run:
    cartons = int(minutes * 60 / EVERY_S)
    made = Run(f"tunnel, {cartons} cartons in {minutes:g} minutes")
    with rig.peer() as (process, ports), rig.gateway(folder, ports, cartons):
        result = rig.play(process, scans=cartons, every_s=EVERY_S, window_s=WINDOW_S, events=True)
    took = sorted(result["ms"])
    bad = {
        "missed divert windows": result["missed"],
        "wrong lanes": result["wrong"],
        "events left": result["waiting_events"],
    }
    made.facts = {**bad, "p50 ms": f"{took[len(took) // 2]:.1f}", "worst ms": f"{took[-1]:.1f}"}
    made.reasons = [f"{name}: {count}" for name, count in bad.items() if count]
    return made
