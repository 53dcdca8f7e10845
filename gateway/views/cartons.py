"""Cartons of our books beside what the witnesses say of them. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.views.witnesses import Difference, Said, Witness

DELIVERED: Final = ("sorted", "shipped")


@dataclass(frozen=True, slots=True)
class CartonRow:
    lpn: str
    order: str
    state: str
    place: str
    lane: str | None
    tracking: str | None
    world: str | None
    plc: str | None
    """The lane of the last command that the PLC accepted for it."""
    label: str | None
    """What is stuck on it."""
    carrier: str | None
    shop: str | None
    differences: tuple[Difference, ...]


def carton_row(row: Witness, order: Witness | None, said: Said) -> CartonRow:
    lpn, tracking = row["lpn"], row["tracking"]
    there = said.cartons.get(lpn)
    stuck = [code for code in there["label"] if code != lpn] if there else []
    return CartonRow(
        lpn=lpn,
        order=row["order"],
        state=row["state"],
        place=row["place"],
        lane=row["lane"],
        tracking=tracking,
        world=there["place"] if there else None,
        plc=said.lane.get(lpn),
        label=stuck[0] if stuck else None,
        carrier=", ".join(said.labels.get(lpn, [])) or None,
        shop=said.told.get(order["number"]) if order else None,
        differences=tuple(_of_carton(row, order, there, said)) if said.asked else (),
    )


def _of_carton(
    row: Witness, order: Witness | None, there: Witness | None, said: Said
) -> Iterator[Difference]:
    lpn, tracking = row["lpn"], row["tracking"]
    if there is None:
        yield Difference("the world knows no such carton")
        return
    yield from _contents(row, order, there, said)
    if tracking and tracking not in said.labels.get(lpn, ()):
        yield Difference(f"the carrier gave no number {tracking}")
    if row["state"] in DELIVERED and tracking and tracking not in there["label"]:
        yield Difference(f"{tracking} is not the label that is stuck on it")
    if row["state"] == "sorted" and said.lane.get(lpn) not in (None, row["lane"]):
        yield Difference(f"the PLC sent it to lane {said.lane[lpn]}")
    heard = said.told.get(order["number"]) if order else None
    if heard and tracking and heard != tracking:
        yield Difference(f"the shop heard {heard}")


def _contents(
    row: Witness, order: Witness | None, there: Witness, said: Said
) -> Iterator[Difference]:
    """Shipped, lost or emptied, a carton's goods are no longer its own in the ledger."""
    if row["state"] == "shipped" and order and order["lpn"] == row["lpn"]:
        ours = _picked(order)
    elif row["state"] in ("shipped", "lost", "emptied"):
        return
    else:
        ours = Counter(row["contents"])
    for sku in sorted(ours.keys() | there["contents"].keys()):
        inside = there["contents"].get(sku, 0)
        if ours[sku] != inside:
            name = "being picked in this moment" if (row["lpn"], sku) in said.picks else ""
            yield Difference(f"{sku}: {ours[sku]} booked, {inside} inside", name)


def _picked(order: Witness) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in order["lines"]:
        found[line["sku"]] += line["picked"]
    return found


def contents(items: Sequence[Witness]) -> dict[str, dict[str, int]]:
    """LPN -> SKU -> pieces, by the ledger's carton and put-back accounts."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for item in items:
        for account, qty in item["accounts"].items():
            kind, _, lpn = account.partition(":")
            if kind in ("carton", "putback") and qty:
                found[lpn][item["sku"]] = found[lpn].get(item["sku"], 0) + qty
    return found
