"""What the stories of the floor are told with."""

from typing import Any

from simulators.world.control import Control
from tests.simulators.world.plant import Plant

MUGS = [("A-01-1", "SKU-001", 2)]
TWO_STOPS = [("A-01-1", "SKU-001", 2), ("A-04-1", "SKU-007", 3)]
FIRST, SECOND = "L00000001", "L00000002"


def ask(plant: Plant, what: str, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = Control(plant.world).answer({"ask": what, **fields})
    assert "refused" not in answer, answer
    return answer


def place(plant: Plant, lpn: str = FIRST) -> str:
    return plant.places().get(lpn, "")


def reaches(plant: Plant, place_starts: str, lpn: str = FIRST) -> None:
    plant.until(lambda: place(plant, lpn).startswith(place_starts))
