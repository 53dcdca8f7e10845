"""What everything in the world shares: time, pace, goods, the bus and the witness."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulators.bus import Message, fact
from simulators.world.config import Given
from simulators.world.goods import Carton, Goods
from simulators.world.stage import Stage

Tell = Callable[[str, Message], None]
KEPT = 100_000


@dataclass(slots=True)
class Witness:
    """Writes down what physically happened, whatever anybody claims."""

    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def saw(self, at: float, what: str, **facts: object) -> None:
        self.log.append({"at": round(at, 4), "saw": what, **facts})


@dataclass(frozen=True, slots=True)
class Scene:
    stage: Stage
    speed: float
    given: Given
    goods: Goods
    tell_device: Tell
    witness: Witness

    def quick(self, seconds: float) -> float:
        """Walking, travel and waiting take this long in real seconds."""
        return seconds / self.speed

    def tell(self, device: str, name: str, **what: object) -> None:
        self.tell_device(device, fact(name, **what))

    def saw(self, what: str, carton: Carton | None = None, **facts: object) -> None:
        about = {"lpn": carton.lpn} if carton is not None else {}
        self.witness.saw(self.stage.now, what, **about, **facts)

    def put(self, carton: Carton, place: str) -> None:
        carton.place, carton.since = place, self.stage.now
        carton.moves += 1

    def later(self, carton: Carton, seconds: float, call: Callable[[Carton], None]) -> None:
        """Only if nobody moves the carton in the meantime."""
        moves = carton.moves

        def if_still_there() -> None:
            if carton.moves == moves:
                call(carton)

        self.stage.after(seconds, if_still_there)
