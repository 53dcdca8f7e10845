"""DM116: all polls of a line must fit into its time, one request after another."""

from collections.abc import Iterator

from devices.map.finding import Finding, finding
from devices.map.plan import lines_of
from devices.map.schema import DeviceMap

MOST_BUSY = 0.8
"""The rest of the time is for writes."""


def budgets(map: DeviceMap) -> Iterator[Finding]:
    for line in lines_of(map):
        if line.load > MOST_BUSY:
            each_ms = line.exchange_s * 1000
            text = (
                f"{line.name}: its polls take {line.load:.0%} of the time,"
                f" {line.requests_s:.0f} requests a second at {each_ms:.1f} ms each"
            )
            yield finding("DM116", map, ("connections", line.name), text)
