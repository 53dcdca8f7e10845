"""What a pick-to-light zone says and is told, whatever its lamps hang on.

A wire is a codec and what carries it: topics behind a broker (`devices.lights.mqtt`), modules on a
Modbus line (`devices.lights.modules`). All else of a zone is the same (`devices.lights.zone`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from wcs.envelope import Posted
from wcs.names import LightId, TaskId

Fault = Literal["no_answer", "stuck"]
"""The module is not there; its key is held down, and nobody can be heard by it."""


@dataclass(frozen=True, slots=True)
class LampState:
    """What a lamp shows now; `task` None is dark."""

    light: LightId
    task: TaskId | None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Press:
    light: LightId
    task: TaskId | None
    """What the lamp showed when it was pressed."""
    button: Literal["confirm", "short"]
    qty: int
    identity: str
    """The same again when the zone repeats itself."""


@dataclass(frozen=True, slots=True)
class NotDone:
    """A command that was not carried out, and why."""

    posted: Posted
    why: str


Said = LampState | Press | NotDone


def nobody() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Heard:
    said: Said
    raw: str = ""
    decided: Callable[[], None] = nobody
    """To be called when a press is decided: it need not be said again."""


class ZoneWire(Protocol):
    """One open zone. What it shows when it is opened is in `lit`."""

    @property
    def lit(self) -> Mapping[LightId, TaskId | None]: ...

    async def hear(self) -> Sequence[Heard]:
        """What has come; nothing after `wake`.

        Raises Unreachable when the zone is away or has started anew.
        """

    def show(self, posted: Posted) -> None:
        """Takes a `SetLight` without waiting. Raises Unreachable."""

    def wake(self) -> None: ...
