"""Our ledger against every other book, item by item: world, shop, ERP."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Witness = Mapping[str, Any]
Place = tuple[str, str]
"""Location and SKU."""


class StockBooks:
    """ours: `items` and `counts` of our books. A difference is fine when it has a name: a count
    that is still open, or a piece that the seed took and nobody has missed yet."""

    def __init__(self, ours: Witness, witness: Witness, safety_stock: int) -> None:
        self._items: dict[str, Witness] = {item["sku"]: item for item in ours["items"]}
        self._counts = {(one["location"], one["sku"]) for one in ours["counts"]}
        self._witness, self._world, self._safety = witness, witness["world"], safety_stock
        self._missing: dict[Place, int] = {
            (row["location"], row["sku"]): row["qty"] for row in self._world["missing"]
        }

    def reasons(self) -> Iterator[str]:
        yield from self._world_itself()
        yield from self._double_entry()
        yield from self._shelves()
        yield from self._cartons()
        yield from self._shop()
        yield from self._erp()

    def named_differences(self) -> list[str]:
        return [why for _, why in self._differences() if why]

    def _world_itself(self) -> Iterator[str]:
        """Pieces only move: shelf + cartons + shipped = initial."""
        found: Counter[str] = Counter()
        for row in self._world["shelf"]:
            found[row["sku"]] += row["qty"]
        for carton in self._world["cartons"]:
            found.update(carton["contents"])
        for sku, pieces in self._world["initial"].items():
            if found[sku] != pieces:
                yield f"{sku}: the world began with {pieces} and has {found[sku]}"

    def _double_entry(self) -> Iterator[str]:
        for sku, item in self._items.items():
            if not item["balances"]:
                yield f"{sku}: the ledger's accounts do not add up to nothing"

    # --- shelves ---------------------------------------------------------------------------------

    def _shelves(self) -> Iterator[str]:
        yield from (wrong for wrong, _ in self._differences() if wrong)

    def _differences(self) -> Iterator[tuple[str, str]]:
        """(unexplained, named), one of them empty."""
        world = {(row["location"], row["sku"]): row["qty"] for row in self._world["shelf"]}
        ours = self._booked("shelf:")
        for place in sorted(world.keys() | ours.keys()):
            by = ours.get(place, 0) - world.get(place, 0)
            if by:
                said = (
                    f"{place[1]} at {place[0]}: {ours.get(place, 0)} in the ledger, {by} too many"
                )
                name = self._name(place, by)
                yield ("", f"{said}: {name}") if name else (said, "")

    def _name(self, place: Place, by: int) -> str:
        if place in self._counts:
            return "a count is open"
        if self._missing.get(place) == by:
            return "the seed took it and nobody has missed it"
        return ""

    def _booked(self, kind: str) -> dict[Place, int]:
        """Balances of one kind of account, by its rest and SKU."""
        return {
            (account.removeprefix(kind), sku): qty
            for sku, item in self._items.items()
            for account, qty in item["accounts"].items()
            if account.startswith(kind) and qty
        }

    # --- cartons and what left -------------------------------------------------------------------

    def _cartons(self) -> Iterator[str]:
        inside, left = defaultdict[Place, int](int), Counter[str]()
        for carton in self._world["cartons"]:
            for sku, qty in carton["contents"].items():
                if carton["out"]:
                    left[sku] += qty
                else:
                    inside[carton["lpn"], sku] += qty
        ours = defaultdict[Place, int](int, self._booked("carton:"))
        for place, qty in self._booked("putback:").items():
            ours[place] += qty
        for lpn, sku in sorted(inside.keys() | ours.keys()):
            if ours[lpn, sku] != inside[lpn, sku]:
                yield f"{sku} in {lpn}: {ours[lpn, sku]} in the ledger, {inside[lpn, sku]} really"
        for sku, item in self._items.items():
            if item["shipped"] != left[sku]:
                yield f"{sku}: {item['shipped']} shipped by the ledger, {left[sku]} really left"

    # --- hosts -----------------------------------------------------------------------------------

    def _shop(self) -> Iterator[str]:
        told = self._witness["shop"]["stock"]
        for sku, item in self._items.items():
            free = item["on_hand"] - item["allocated"] - item["in_count"] - self._safety
            if sku in told and told[sku] != max(0, free):
                yield f"{sku}: the shop offers {told[sku]}, {free} are free"
            if sku not in told and item["shipped"]:
                yield f"{sku}: the shop never heard a level"

    def _erp(self) -> Iterator[str]:
        told = self._witness["erp"]["stock"]
        for sku, item in self._items.items():
            key = f"{item['owner']}|{sku}"
            if key in told and told[key] != item["on_hand"]:
                yield f"{sku}: the ERP has {told[key]} on hand, we have {item['on_hand']}"
            if key not in told and item["shipped"]:
                yield f"{sku}: the ERP never heard a level"
