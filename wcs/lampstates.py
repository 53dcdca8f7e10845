"""What is known of lamps beside what they are wanted to show."""

from datetime import datetime
from typing import Literal

from wcs.names import DeviceId, LightId, TaskId
from wcs.records import entity

Trouble = Literal["timed_out", "no_answer", "stuck"]
"""It was told and says nothing: nobody knows what it shows. It is not there: it shows nothing. Its
key is held down: it shows what it should, and nobody can be heard by it."""


@entity("device")
class LampTrouble:
    """A lamp that does not do its part; a good one has no row."""

    device: DeviceId
    light: LightId
    trouble: Trouble
    times: int
    """In a row."""
    since: datetime

    @property
    def key(self) -> str:
        return f"{self.device}|{self.light}"


@entity("device")
class LampQueued:
    """What a lamp is to show for one operator when it no longer shows another's."""

    device: DeviceId
    light: LightId
    colour: str
    task: TaskId
    qty: int
    text: str
    flash: bool
    since: datetime

    @property
    def key(self) -> str:
        return f"{self.device}|{self.light}|{self.colour}"
