"""What a vehicle has to do and to say: actions, faults, what it asks of the world."""

from dataclasses import dataclass
from typing import Final, Literal

from simulators.amr.order import Action, Stop

PICK: Final = "pick"
DROP: Final = "drop"
NODE_ACTIONS: Final = (PICK, DROP)
INSTANT_ACTIONS: Final = (
    "cancelOrder",
    "startPause",
    "stopPause",
    "stateRequest",
    "factsheetRequest",
)

Status = Literal["WAITING", "INITIALIZING", "RUNNING", "FINISHED", "FAILED"]
OVER: Final = ("FINISHED", "FAILED")


@dataclass(frozen=True, slots=True)
class Doing:
    action: Action
    status: Status = "WAITING"
    result: str = ""

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def load(self) -> str:
        return str(self.action.parameters.get("loadId", ""))


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry of `errors`; stays until the next order is accepted."""

    kind: str
    text: str
    references: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Handling:
    """What the world is asked: to put a carton on the vehicle or to take it off."""

    kind: Literal["pick", "drop"]
    load: str
    node: str


def waiting(stops: tuple[Stop, ...]) -> dict[str, Doing]:
    return {action.id: Doing(action) for stop in stops for action in stop.actions}
