"""How each order of the story ended, by what the shop, the world and the ERP saw."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from simulators.story import End, PlannedOrder, Story

Witness = Mapping[str, Any]
MISSING = 1
"""Pieces that a short order lacks; see `simulators.story`."""


def end_of(ours: Mapping[str, Any], shop: Mapping[str, Any]) -> End | None:
    """By our own state and what the shop was told; None: it has not ended."""
    match ours["state"]:
        case "held" | "cancelled" as end:
            return "held" if end == "held" else "cancelled"
        case "shipped":
            told = next((heard for heard in shop["heard"] if heard["status"] == "shipped"), None)
            if told is None:
                return None
            return "partial" if told["partial"] else "shipped"
        case _:
            return None


class OrderEnds:
    """ours: the orders of our books by number. Visitors' orders end as they like, but they end."""

    def __init__(self, story: Story, ours: Mapping[str, Any], witness: Witness) -> None:
        self._story, self._ours, self._witness = story, ours, witness
        self._shop: Mapping[str, Any] = witness["shop"]["orders"]
        self._shipments = {
            order.rpartition(":")[2]: shipments
            for order, shipments in witness["erp"]["shipments"].items()
        }
        self._cartons = {row["lpn"]: row for row in witness["world"]["cartons"]}
        self.ends: dict[str, End | None] = {
            number: end_of(ours[number], order) if number in ours else None
            for number, order in self._shop.items()
        }

    def counts(self) -> dict[str, int]:
        """Held ones and the like; `orders_shipped` are complete, `orders_partial` are not."""
        found = Counter(self.ends.values())
        return {
            "orders_total": len(self.ends),
            "orders_shipped": found["shipped"],
            "orders_partial": found["partial"],
            "orders_held": found["held"],
            "orders_cancelled": found["cancelled"],
        }

    def unfinished(self) -> Iterator[str]:
        """What is still to come."""
        for planned in self._story.orders:
            if planned.number not in self.ends:
                yield f"order {planned.number} was never placed"
        for number, end in self.ends.items():
            order = self._shop[number]
            if end is None:
                state = self._ours[number]["state"] if number in self._ours else "unknown to us"
                yield f"order {number} has not ended: {state}"
            elif order["status"] == "cancelled" and order["cancellation"] is None:
                yield f"order {number}: the shop never heard about its cancellation"

    def reasons(self) -> Iterator[str]:
        yield from self._strangers()
        yield from self.unfinished()
        for planned in self._story.orders:
            yield from self._as_planned(planned, self.ends.get(planned.number))
        for number, end in self.ends.items():
            if end in ("shipped", "partial"):
                yield from self._shipment(number)

    def _strangers(self) -> Iterator[str]:
        for number in self._ours.keys() - self._shop.keys():
            yield f"order {number} is ours but not the shop's"

    # --- the story -------------------------------------------------------------------------------

    def _as_planned(self, planned: PlannedOrder, end: End | None) -> Iterator[str]:
        if end is None:
            return
        if end not in planned.ends:
            wanted = " or ".join(planned.ends)
            yield f"order {planned.number} ({planned.fate}) ended {end}, not {wanted}"
        if planned.cancel_when:
            yield from self._cancellation(planned.number, end)
        if end == "shipped":
            yield from self._pieces(planned, lacking=0)
        if end == "partial":
            yield from self._pieces(planned, lacking=MISSING)

    def _cancellation(self, number: str, end: End) -> Iterator[str]:
        order = self._shop[number]
        answer = order["cancellation"]
        if order["status"] != "cancelled":
            yield f"order {number}: its customer never came to cancel it"
        elif answer and (answer["result"] == "cancelled") != (end == "cancelled"):
            yield f"order {number} ended {end}, the shop was told {answer['result']}"

    def _pieces(self, planned: PlannedOrder, *, lacking: int) -> Iterator[str]:
        shipped = self._told_shipped(planned.number)
        wanted = Counter({line.sku: line.qty for line in planned.lines})
        rare = [sku for _, sku in self._story.missing if sku in wanted]
        right = wanted - Counter(dict.fromkeys(rare, lacking))
        if shipped != right:
            yield f"order {planned.number}: {dict(right)} expected, {dict(shipped)} shipped"

    # --- the same shipment in every book ---------------------------------------------------------

    def _shipment(self, number: str) -> Iterator[str]:
        told, told_erp = self._told_shipped(number), self._erp_shipped(number)
        if told != told_erp:
            yield f"order {number}: the shop heard {dict(told)}, the ERP {dict(told_erp)}"
        parcels = self._heard(number)["parcels"]
        really: Counter[str] = Counter()
        for parcel in parcels:
            row = self._cartons.get(parcel["lpn"])
            if row is None or not row["out"]:
                yield f"order {number}: carton {parcel['lpn']} never left the house"
                continue
            really.update(row["contents"])
            yield from self._label(number, parcel, row)
        if really != told:
            yield f"order {number}: the shop heard {dict(told)}, the cartons held {dict(really)}"

    def _label(self, number: str, parcel: Witness, row: Witness) -> Iterator[str]:
        issued = self._witness["carrier"]["labels"].get(parcel["lpn"], [])
        if parcel["tracking"] not in issued:
            yield f"order {number}: the carrier knows no {parcel['tracking']} of {parcel['lpn']}"
        if parcel["tracking"] not in row["label"]:
            yield f"order {number}: carton {parcel['lpn']} does not carry {parcel['tracking']}"

    def _heard(self, number: str) -> Witness:
        heard: list[Witness] = self._shop[number]["heard"]
        return next(one for one in heard if one["status"] == "shipped")

    def _told_shipped(self, number: str) -> Counter[str]:
        return _pieces(self._heard(number)["lines"])

    def _erp_shipped(self, number: str) -> Counter[str]:
        shipments = self._shipments.get(number, ())
        return _pieces(line for shipment in shipments for line in shipment["lines"])


def _pieces(lines: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found[line["sku"]] += line["qty"]
    return +found
