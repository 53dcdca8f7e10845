"""What there is: pieces on shelves and in cartons, plates, labels. Pieces only ever move."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from simulators.story import Defect, Story, shelf
from simulators.world.config import Given


@dataclass(frozen=True, slots=True)
class Sticker:
    """A label: the codes that a scanner can read on it, and all its words."""

    codes: tuple[str, ...]
    words: tuple[str, ...] = ()
    exception: bool = False

    def names(self, lpn: str) -> bool:
        return any(lpn in word for word in self.words)


@dataclass(slots=True)
class Carton:
    number: int
    lpn: str
    tare_g: int
    length_mm: int
    defect: Defect | None
    readable: bool = True
    stray_plate: str | None = None
    contents: Counter[str] = field(default_factory=Counter)
    sticker: Sticker | None = None
    place: str = "stack"
    moves: int = 0
    """Counts its moves: something planned for an earlier place no longer happens."""
    since: float = 0.0

    @property
    def ships(self) -> bool:
        return self.sticker is not None and not self.sticker.exception

    def codes(self, *, underside: bool = False) -> list[str]:
        """What a fixed scanner reads on it; the underside too where it has a gap in the belt."""
        plates = [self.lpn] if self.readable else []
        if underside and self.stray_plate is not None:
            plates.append(self.stray_plate)
        return list(dict.fromkeys([*plates, *(self.sticker.codes if self.sticker else ())]))


class Goods:
    def __init__(self, given: Given, story: Story) -> None:
        self._given, self._story = given, story
        self.shelf: Counter[tuple[str, str]] = Counter(shelf(given.stock, story))
        self.initial = self._pieces_on_shelves()
        self.cartons: dict[str, Carton] = {}

    def empty_carton(self) -> Carton:
        """The next one of the stack; its plate is printed already."""
        number = len(self.cartons) + 1
        chance, config = Random(f"{self._story.seed}:carton:{number}"), self._given.numbers.cartons
        defect = self._story.defects.get(number)
        spread = int(config.tare_spread)
        carton = Carton(
            number=number,
            lpn=plate(number),
            tare_g=int(config.tare) + chance.randint(-spread, spread),
            length_mm=int(chance.choice(config.lengths)),
            defect=defect,
            readable=defect != "unreadable",
            stray_plate=plate(90_000_000 + number) if defect == "two_plates" else None,
        )
        if defect == "overweight":
            carton.tare_g += int(config.padding)
        self.cartons[carton.lpn] = carton
        return carton

    def take(self, location: str, sku: str, wanted: int, carton: Carton) -> int:
        """Pieces from a shelf into a carton: as many as there are, at most `wanted`."""
        taken = min(wanted, self.shelf[location, sku])
        self.shelf[location, sku] -= taken
        carton.contents[sku] += taken
        return taken

    def put_back(self, carton: Carton, sku: str, wanted: int, location: str) -> int:
        put = min(wanted, carton.contents[sku])
        carton.contents[sku] -= put
        self.shelf[location, sku] += put
        return put

    def skus_at(self, location: str) -> list[str]:
        """What the labels on the shelf's edge say, whether anything of it is left or not."""
        return [sku for place, sku in self.shelf if place == location]

    def grams(self, carton: Carton) -> int:
        weights = self._given.weights
        return carton.tare_g + sum(weights[sku] * qty for sku, qty in carton.contents.items())

    def pieces(self) -> Counter[str]:
        """Every piece there is, wherever it is: equal to `initial` at all times."""
        found = self._pieces_on_shelves()
        for carton in self.cartons.values():
            found.update(carton.contents)
        return +found

    def at(self, place: str) -> Iterator[Carton]:
        return (carton for carton in self.cartons.values() if carton.place == place)

    def _pieces_on_shelves(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (_, sku), pieces in self.shelf.items():
            found[sku] += pieces
        return +found


def plate(number: int) -> str:
    return f"L{number:08}"


def as_rows(shelf: Mapping[tuple[str, str], int]) -> list[dict[str, object]]:
    return [
        {"location": location, "sku": sku, "qty": qty} for (location, sku), qty in shelf.items()
    ]
