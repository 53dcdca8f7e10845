"""Our books beside everybody else's: item by item and carton by carton. Pure.

A difference is named when we know why it is there: an open count, a pick in this moment, a message
that waits. Any other is not explained.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.views.cartons import CartonRow, carton_row
from gateway.views.witnesses import Difference, Place, Said, Witness

R = TypeVar("R", "ItemRow", CartonRow)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """Pieces; None where nobody was asked or nobody has heard."""

    owner: str
    sku: str
    world_initial: int | None
    world_shelf: int | None
    world_cartons: int | None
    """In cartons and gone with them."""
    on_hand: int
    in_cartons: int
    """In cartons, to be put back, shipped and lost, by the ledger."""
    allocated: int
    in_count: int
    shop: int | None
    erp: int | None
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Books:
    items: tuple[ItemRow, ...]
    cartons: tuple[CartonRow, ...]
    asked: bool
    """Whether there were witnesses; without them only our own side is shown."""

    @property
    def unexplained(self) -> int:
        return sum(not difference.name for difference in self.differences)

    @property
    def named(self) -> int:
        return sum(bool(difference.name) for difference in self.differences)

    @property
    def differences(self) -> list[Difference]:
        found = [row.differences for row in self.items] + [row.differences for row in self.cartons]
        return [difference for some in found for difference in some]


def compare(
    ours: Witness, witness: Witness | None, *, waiting: Collection[str] = (), safety: int = 0
) -> Books:
    """`ours`: `views.ledger.ledger`. `witness`: world, shop, erp, carrier as the demo's director
    tells them. `waiting`: hosts for which messages wait. `safety`: pieces never offered."""
    said = Said.of(witness, ours)
    items = tuple(_item(row, said, waiting, safety) for row in ours["items"])
    orders = {row["key"]: row for row in ours["orders"]}
    cartons = tuple(carton_row(row, orders.get(row["order"]), said) for row in ours["cartons"])
    return Books(items, cartons, witness is not None)


JUST_NOW = "on its way: it was not there a moment ago"


def lasting(now: Books, before: Books) -> Books:
    """A running floor is never read in one moment: what nobody can explain counts only when it
    stood there a moment ago too."""
    stood = {difference.text for difference in before.differences}

    def named(row: R) -> R:
        return replace(row, differences=tuple(_named(one, stood) for one in row.differences))

    return replace(now, items=tuple(map(named, now.items)), cartons=tuple(map(named, now.cartons)))


def _named(one: Difference, stood: Collection[str]) -> Difference:
    return one if one.name or one.text in stood else replace(one, name=JUST_NOW)


def _item(row: Witness, said: Said, waiting: Collection[str], safety: int) -> ItemRow:
    sku, owner = row["sku"], row["owner"]
    shelf = sum(qty for (_, at), qty in said.shelf.items() if at == sku)
    cartons = sum(carton["contents"].get(sku, 0) for carton in said.cartons.values())
    ours = row["cartons"] + row["putback"] + row["shipped"] + row["lost"]
    return ItemRow(
        owner=owner,
        sku=sku,
        world_initial=said.initial.get(sku, 0) if said.asked else None,
        world_shelf=shelf if said.asked else None,
        world_cartons=cartons if said.asked else None,
        on_hand=row["on_hand"],
        in_cartons=ours,
        allocated=row["allocated"],
        in_count=row["in_count"],
        shop=said.shop.get(sku),
        erp=said.erp.get(f"{owner}|{sku}"),
        differences=tuple(_of_item(row, said, waiting, safety)),
    )


def _of_item(
    row: Witness, said: Said, waiting: Collection[str], safety: int
) -> Iterator[Difference]:
    if not row["balances"]:
        yield Difference("the ledger's accounts do not add up to nothing")
    if not said.asked:
        return
    yield from _of_the_world(row["sku"], said)
    yield from _of_shelves(row, said)
    free = max(0, row["on_hand"] - row["allocated"] - row["in_count"] - safety)
    yield from _told_to("shop", said.shop.get(row["sku"]), free, waiting)
    on_hand = said.erp.get(f"{row['owner']}|{row['sku']}")
    yield from _told_to("ERP", on_hand, row["on_hand"], waiting)


def _of_the_world(sku: str, said: Said) -> Iterator[Difference]:
    """Pieces only move: shelf + cartons = initial."""
    lies = sum(qty for (_, at), qty in said.shelf.items() if at == sku)
    rides = sum(carton["contents"].get(sku, 0) for carton in said.cartons.values())
    if lies + rides != said.initial.get(sku, 0):
        yield Difference(f"the world began with {said.initial.get(sku, 0)} and has {lies + rides}")


def _of_shelves(row: Witness, said: Said) -> Iterator[Difference]:
    """Ledger on hand = world shelf + open differences, each named."""
    sku, prefix = row["sku"], "shelf:"
    booked = {
        account.removeprefix(prefix): qty
        for account, qty in row["accounts"].items()
        if account.startswith(prefix)
    }
    lies = {location: qty for (location, at), qty in said.shelf.items() if at == sku}
    for location in sorted(booked.keys() | lies.keys()):
        more = booked.get(location, 0) - lies.get(location, 0)
        if more:
            text = (
                f"{location}: {booked.get(location, 0)} booked, {lies.get(location, 0)} lie there"
            )
            yield Difference(text, _name((location, sku), more, said))


def _name(place: Place, more: int, said: Said) -> str:
    if place in said.counts:
        return "a count is open"
    if said.missing.get(place) == more:
        return "missing since the opening, nobody has noticed yet"
    return "being picked in this moment" if place in said.picks else ""


def _told_to(
    host: str, heard: int | None, now: int, waiting: Collection[str]
) -> Iterator[Difference]:
    if heard is not None and heard != now:
        name = "a message waits" if host.lower() in waiting else ""
        yield Difference(f"{host} heard {heard}, it is {now}", name)
