"""What was found before a shift, line by line."""

from typing import Literal

from wcs.names import DeviceId
from wcs.records import record


@record
class ReadyLine:
    """One thing that was looked at before a shift. `bad` has a remedy, `skipped` needs a person."""

    check: str
    device: DeviceId | None = None
    state: Literal["good", "bad", "skipped"]
    found: str
    remedy: str = ""
