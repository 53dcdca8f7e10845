"""What the witnesses of a run say, by the names that the books ask with. Pure.

The world counts what physically lies where, the PLC which commands it saw; shop, ERP and carrier
say what they heard.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Witness = Mapping[str, Any]
Place = tuple[str, str]
"""Location or LPN, and SKU."""


@dataclass(frozen=True, slots=True)
class Difference:
    text: str
    name: str = ""
    """Why it is there; empty: nobody knows."""


@dataclass(frozen=True, slots=True)
class Said:
    """`asked`: whether there are witnesses at all."""

    asked: bool
    initial: Mapping[str, int] = field(default_factory=dict)
    shelf: Mapping[Place, int] = field(default_factory=dict)
    cartons: Mapping[str, Witness] = field(default_factory=dict)
    missing: Mapping[Place, int] = field(default_factory=dict)
    lane: Mapping[str, str] = field(default_factory=dict)
    shop: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    """Order number -> tracking as the shop heard."""
    erp: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    counts: frozenset[Place] = frozenset()
    picks: frozenset[Place] = frozenset()
    """What is being picked in this moment, by location and by LPN."""

    @classmethod
    def of(cls, witness: Witness | None, ours: Witness) -> "Said":
        counts = frozenset((row["location"], row["sku"]) for row in ours["counts"])
        picks = frozenset(
            (row[at], row["sku"]) for row in ours["picks"] for at in ("location", "lpn")
        )
        if witness is None:
            return cls(False, counts=counts, picks=picks)
        world = witness["world"]
        return cls(
            True,
            initial=world["initial"],
            shelf=_places(world["shelf"]),
            cartons={row["lpn"]: row for row in world["cartons"]},
            missing=_places(world["missing"]),
            lane=_lanes(world),
            shop=witness["shop"]["stock"],
            told=dict(_told(witness["shop"]["orders"])),
            erp=witness["erp"]["stock"],
            labels=witness["carrier"]["labels"],
            counts=counts,
            picks=picks,
        )


def _places(rows: Sequence[Witness]) -> dict[Place, int]:
    return {(row["location"], row["sku"]): row["qty"] for row in rows}


def _lanes(world: Witness) -> dict[str, str]:
    """LPN -> the lane of the last command that the PLC accepted for its track."""
    asked = {row["track"]: str(row["lane"]) for row in world["sorter"] if row["code"] == "ACCEPTED"}
    tracks = {row["lpn"]: row["track"] for row in world["log"] if row["saw"] == "inducted"}
    return {lpn: asked[track] for lpn, track in tracks.items() if track in asked}


def _told(orders: Mapping[str, Witness]) -> Iterator[tuple[str, str]]:
    for number, order in orders.items():
        for heard in order["heard"]:
            for parcel in heard.get("parcels", ()):
                yield number, parcel["tracking"]
