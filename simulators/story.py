"""The plan of a run: who orders what, and what goes wrong with it. Pure: same seed, same story.

Each aspect draws from a stream of its own, so that one more order kind does not change the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Literal

Fate = Literal[
    "normal",
    "unknown_sku",  # held for ever: nobody knows the item
    "unpaid",  # held for ever: payment pending
    "too_many",  # held for ever: asks for far more than exists
    "short_complete",  # a piece is missing, a second location has it
    "short_partial",  # a piece is missing everywhere: ships one short
    "cancel_early",  # cancelled when the shop hears `acknowledged`
    "cancel_picking",  # cancelled when the shop hears `picking`
    "cancel_packed",  # cancelled when the shop hears `packed`
    "cancel_shipped",  # cancelled when the shop hears `shipped`: refused
    "changed",  # placed unpaid, paid by its second version
]
End = Literal["shipped", "partial", "held", "cancelled"]
Moment = Literal["acknowledged", "picking", "packed", "shipped"]
Defect = Literal[
    "unreadable",  # fixed scanners cannot read the plate; people can
    "overweight",  # too much padding: 200 g more than its contents explain
    "two_plates",  # an old plate on the underside: the tunnel reads both
]

ENDS: Final[dict[Fate, tuple[End, ...]]] = {
    "normal": ("shipped",),
    "unknown_sku": ("held",),
    "unpaid": ("held",),
    "too_many": ("held",),
    "short_complete": ("shipped",),
    "short_partial": ("partial",),
    "cancel_early": ("cancelled",),
    "cancel_picking": ("cancelled", "shipped"),
    "cancel_packed": ("cancelled", "shipped"),
    "cancel_shipped": ("shipped",),
    "changed": ("shipped",),
}
"""How an order of that fate may end. A cancellation races the load's close: the shop's own record
of our answer (`cancelled` or `refused`) says which of two it must be."""

CANCEL_WHEN: Final[dict[Fate, Moment]] = {
    "cancel_early": "acknowledged",
    "cancel_picking": "picking",
    "cancel_packed": "packed",
    "cancel_shipped": "shipped",
}
SHARE: Final = 0.04
ALL_FATES_FROM: Final = 20
"""From so many orders on, every fate and every defect happens at least once."""
FIRST_NUMBER: Final = 1001
SPREAD_S: Final = 0.2
"""Orders arrive this far apart on average, in seconds of the real clock: 50 orders in 10 s."""

PLAIN: Final = tuple(f"SKU-{n:03}" for n in range(1, 11))
HEAVY: Final = "SKU-006"
RARE: Final = range(1, 25)
RARE_HOMES: Final[dict[Fate, tuple[str, ...]]] = {
    "short_partial": ("A-06-2",),
    "short_complete": ("A-06-2", "A-06-1"),
}
"""Each holds three pieces of a rare item by the books, and two of one that a short order wants:
whichever is picked first runs short, and a second one has what is missing."""
RARE_WANTED: Final = 3
MISSING: Final = 1
GHOST: Final = "GHOST-1"
FAR_TOO_MANY: Final = 99_999

NAMES: Final = ("Ada Quist", "Ben Okoro", "Carla Rossi", "Dai Nguyen", "Eva Lindt", "Femi Ade")
STREETS: Final = ("Mill Lane", "Station Road", "Harbour Street", "Oak Avenue", "Market Square")
CITIES: Final = ("Northport", "Easton", "Westbury", "Southam", "Midvale")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    line: int
    sku: str
    qty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """`arrives_s` is real seconds after the start. A changed order is placed unpaid; `pays_after_s`
    later its second version, paid and else the same, follows."""

    number: str
    lines: tuple[PlannedLine, ...]
    service: Literal["standard", "express"]
    paid: bool
    arrives_s: float
    fate: Fate
    ship_to: Mapping[str, str]
    pays_after_s: float | None = None

    @property
    def ends(self) -> tuple[End, ...]:
        return ENDS[self.fate]

    @property
    def cancel_when(self) -> Moment | None:
        return CANCEL_WHEN.get(self.fate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`defects` by the number on the plate (1 is L00000001, the first carton of the stack);
    `missing` pieces that the stock file claims and the shelf does not hold, by (location, sku)."""

    seed: int
    orders: tuple[PlannedOrder, ...]
    defects: Mapping[int, Defect]
    missing: Mapping[tuple[str, str], int]

    def order(self, number: str) -> PlannedOrder | None:
        return next((each for each in self.orders if each.number == number), None)


def plan(seed: int, orders: int) -> Story:
    """The story of `orders` orders, numbered from 1001 in the order of their arrival."""
    fates = _fates(Random(f"{seed}:fates"), orders)
    rares = _rares(Random(f"{seed}:rares"))
    arrivals = _arrivals(Random(f"{seed}:arrivals"), orders)
    planned = tuple(
        _order(Random(f"{seed}:order:{n}"), FIRST_NUMBER + n, fate, arrives_s, rares)
        for n, (fate, arrives_s) in enumerate(zip(fates, arrivals, strict=True))
    )
    missing = {
        (home, line.sku): MISSING
        for order in planned
        for line in order.lines
        if line.sku.startswith("RARE-")
        for home in RARE_HOMES[order.fate]
    }
    defects = _defects(Random(f"{seed}:defects"), orders, sum(map(_gets_a_carton, fates)))
    return Story(seed=seed, orders=planned, defects=defects, missing=missing)


def shelf(stock: Mapping[tuple[str, str], int], story: Story) -> dict[tuple[str, str], int]:
    """What really lies on the shelves: the stock file's (location, sku) -> pieces, less what is
    missing."""
    return {place: max(0, pieces - story.missing.get(place, 0)) for place, pieces in stock.items()}


def _fates(chance: Random, orders: int) -> list[Fate]:
    special: list[Fate] = [fate for fate in ENDS if fate != "normal"]
    if orders >= ALL_FATES_FROM:
        drawn = special * max(1, round(orders * SHARE))
    else:
        drawn = chance.sample(special, min(orders // 3, len(special)))
    fates: list[Fate] = [*_at_most_the_rares(drawn)]
    fates += ["normal"] * (orders - len(fates))
    chance.shuffle(fates)
    return fates


def _at_most_the_rares(fates: list[Fate]) -> Iterator[Fate]:
    """Each rare item serves one order: twelve even ones, twelve odd ones."""
    left = {"short_complete": len(RARE) // 2, "short_partial": len(RARE) // 2}
    for fate in fates:
        if fate in left:
            left[fate] -= 1
            if left[fate] < 0:
                continue
        yield fate


def _rares(chance: Random) -> dict[Fate, Iterator[str]]:
    """Even ones lie in a second location too, so an order that is short of one ends complete."""
    even, odd = [k for k in RARE if k % 2 == 0], [k for k in RARE if k % 2]
    chance.shuffle(even)
    chance.shuffle(odd)
    return {
        "short_complete": (f"RARE-{k:02}" for k in even),
        "short_partial": (f"RARE-{k:02}" for k in odd),
    }


def _arrivals(chance: Random, orders: int) -> list[float]:
    return sorted(round(chance.uniform(0, orders * SPREAD_S), 3) for _ in range(orders))


def _order(
    chance: Random, number: int, fate: Fate, arrives_s: float, rares: dict[Fate, Iterator[str]]
) -> PlannedOrder:
    plain = PlannedOrder(
        number=str(number),
        lines=_numbered(_wishes(chance)),
        service="standard" if chance.random() < 0.6 else "express",
        paid=True,
        arrives_s=arrives_s,
        fate=fate,
        ship_to={
            "name": chance.choice(NAMES),
            "street": f"{chance.randint(1, 99)} {chance.choice(STREETS)}",
            "city": chance.choice(CITIES),
        },
    )
    if fate in rares:
        return replace(plain, lines=_with(plain.lines, next(rares[fate]), RARE_WANTED))
    match fate:
        case "unknown_sku":
            return replace(plain, lines=_with(plain.lines, GHOST, 1))
        case "too_many":
            return replace(plain, lines=_with(plain.lines, plain.lines[0].sku, FAR_TOO_MANY))
        case "unpaid":
            return replace(plain, paid=False)
        case "changed":
            return replace(plain, paid=False, pays_after_s=round(chance.uniform(1.0, 4.0), 3))
        case _:
            return plain


def _wishes(chance: Random) -> dict[str, int]:
    """One to three items, few pieces: so light that 200 g too much always shows on the scale."""
    skus = chance.sample(PLAIN, chance.choice((1, 1, 2, 2, 3)))
    return {sku: chance.randint(1, 2 if sku == HEAVY else 4) for sku in skus}


def _numbered(wishes: Mapping[str, int]) -> tuple[PlannedLine, ...]:
    return tuple(
        PlannedLine(line=n, sku=sku, qty=qty) for n, (sku, qty) in enumerate(wishes.items(), 1)
    )


def _with(lines: tuple[PlannedLine, ...], sku: str, qty: int) -> tuple[PlannedLine, ...]:
    return _numbered({line.sku: line.qty for line in lines} | {sku: qty})


def _gets_a_carton(fate: Fate) -> bool:
    return ENDS[fate] != ("held",) and fate != "cancel_early"


def _defects(chance: Random, orders: int, cartons: int) -> dict[int, Defect]:
    """Drawn among the plates that are surely taken from the stack."""
    at_least = 1 if orders >= ALL_FATES_FROM else 0
    wanted: list[Defect] = []
    wanted += ["unreadable"] * max(at_least, round(orders * SHARE))
    wanted += ["overweight"] * max(at_least, round(orders * SHARE))
    wanted += ["two_plates"] * max(at_least, round(orders * SHARE / 4))
    plates = chance.sample(range(1, cartons + 1), min(len(wanted), cartons))
    return dict(zip(sorted(plates), chance.sample(wanted, len(plates)), strict=True))
