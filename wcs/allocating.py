"""Which shelves an order is promised from, or why it is held."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from wcs import release, stock
from wcs.cutoffs import next_cutoff
from wcs.events import OrderAllocated, OrderHeld
from wcs.lookup import carrier_of, channel_of, the_site
from wcs.model import HeldFor, Item, Order, OrderLine, Promise
from wcs.names import LocationCode, Owner, Sku
from wcs.ports import Tx
from wcs.records import record
from wcs.site import Carrier, Zone

Free = Mapping[Sku, Mapping[LocationCode, int]]
"""Promisable pieces of each item by shelf."""


@record
class Short:
    sku: Sku
    wanted: int
    free: int

    @property
    def why(self) -> str:
        return f"{self.sku} is short: {self.wanted} wanted, {self.free} free"


@record
class Allocation:
    promises: tuple[Promise, ...]
    short: tuple[Short, ...]


@record
class Obstacle:
    why: str
    skus: tuple[Sku, ...] = ()
    """The items whose coming would help."""


@record
class Plan:
    zone: Zone
    carrier: Carrier
    promises: tuple[Promise, ...]


def spread(qty: int, free: Mapping[LocationCode, int]) -> list[tuple[LocationCode, int]]:
    """Pieces from as few shelves as a greedy hand finds: always the one that covers most of the
    rest, of equals the first by its code. May come to less than `qty`."""
    left, taken = dict(free), list[tuple[LocationCode, int]]()
    while qty and left:
        most = min(left, key=lambda place: (-min(left[place], qty), place))
        pieces = min(left.pop(most), qty)
        taken.append((most, pieces))
        qty -= pieces
    return [(place, pieces) for place, pieces in taken if pieces]


def allocate_lines(lines: Iterable[OrderLine], free: Free) -> Allocation:
    """Line by line; each sees what the lines before it were promised."""
    left = {sku: dict(shelves) for sku, shelves in free.items()}
    promises, short = list[Promise](), list[Short]()
    for line in lines:
        shelves, wanted = left.get(line.sku, {}), line.qty - line.picked - line.cancelled
        taken = spread(wanted, shelves)
        found = sum(pieces for _, pieces in taken)
        if found < wanted:
            short.append(Short(sku=line.sku, wanted=wanted, free=found))
        for place, pieces in taken:
            shelves[place] -= pieces
            promises.append(Promise(line=line.line, sku=line.sku, location=place, qty=pieces))
    return Allocation(promises=tuple(promises), short=tuple(short))


def allocate(tx: Tx, order: Order, at: datetime) -> Order:
    """Promises what the order still needs and queues it, or holds it; saved either way.

    The order holds no promises and is in no queue. The caller calls `settle` or `came_free`.
    """
    plan = _plan(tx, order, at)
    if isinstance(plan, Obstacle):
        return _hold(tx, order, plan, at)
    _no_longer_held(tx, order)
    for made in plan.promises:
        stock.promise(tx, order.owner, made.sku, made.location, made.qty)
    order = replace(
        order,
        state="waiting",
        reason="",
        promises=plan.promises,
        carrier=plan.carrier.id,
        cutoff=next_cutoff(plan.carrier, at),
    )
    tx.save(order)
    why = f"{len(plan.promises)} promises in {plan.zone.station}, the fullest shelf first"
    tx.emit(OrderAllocated(order=order.key, cutoff=order.cutoff or at, why=why, at=at))
    release.enqueue(tx, order, plan.zone, at)
    return order


def give_back(tx: Tx, order: Order) -> Order:
    """Frees every promise and leaves queue and hold; saved by the caller, who calls
    `came_free`."""
    for made in order.promises:
        stock.promise(tx, order.owner, made.sku, made.location, -made.qty)
    release.dequeue(tx, order)
    _no_longer_held(tx, order)
    return replace(order, promises=())


def came_free(tx: Tx, owner: Owner, skus: Iterable[Sku], at: datetime) -> None:
    """Orders held for these items are looked at again, oldest first; then all is settled."""
    touched = dict.fromkeys(skus)
    for sku in list(touched):
        for held in list(tx.find(HeldFor, stock=f"{owner}|{sku}")):
            if not stock.free(tx, owner, sku):
                break
            touched |= dict.fromkeys(look_again(tx, held, at))
    settle(tx, owner, touched, at)


def settle(tx: Tx, owner: Owner, skus: Iterable[Sku], at: datetime) -> None:
    """The last act of a rule that promised or moved: levels are told, zones filled."""
    stock.tell_levels(tx, owner, skus, at)
    release.fill_zones(tx, at)


def look_again(tx: Tx, held: HeldFor, at: datetime) -> list[Sku]:
    """What the held order was promised now."""
    order = tx.get(Order, held.order)
    if order is None or order.state != "held":
        return []
    return [made.sku for made in allocate(tx, order, at).promises]


def _plan(tx: Tx, order: Order, at: datetime) -> Plan | Obstacle:
    site = the_site(tx)
    channel = channel_of(site, order.channel)
    carrier = carrier_of(site, channel.services.get(order.service) if channel else None)
    unknown = [
        sku for sku in dict.fromkeys(line.sku for line in order.lines)
        if tx.get(Item, f"{order.owner}|{sku}") is None
    ]  # fmt: skip
    if carrier is None:
        return Obstacle(why=f"no carrier is known for the service {order.service}")
    if unknown:
        return Obstacle(why=f"{', '.join(unknown)} not known", skus=tuple(unknown))
    if not order.paid:
        return Obstacle(why="payment is pending")
    return _in_one_zone(tx, order, site.zones, carrier)


def _in_one_zone(tx: Tx, order: Order, zones: Sequence[Zone], carrier: Carrier) -> Plan | Obstacle:
    """An order is picked in one zone: the first that has all of it."""
    free = {line.sku: stock.free(tx, order.owner, line.sku) for line in order.lines}
    for zone in zones:
        found = allocate_lines(order.lines, _within([zone], free))
        if not found.short:
            return Plan(zone=zone, carrier=carrier, promises=found.promises)
    short = allocate_lines(order.lines, _within(zones, free)).short
    why = "; ".join(missing.why for missing in short) or "no zone has all of it"
    skus = [missing.sku for missing in short] or [line.sku for line in order.lines]
    return Obstacle(why=why, skus=tuple(dict.fromkeys(skus)))


def _within(zones: Iterable[Zone], free: Free) -> Free:
    """What lies where a lamp is."""
    return {
        sku: {
            place: qty
            for place, qty in shelves.items()
            if any(place in zone.light_of for zone in zones)
        }
        for sku, shelves in free.items()
    }


def _hold(tx: Tx, order: Order, obstacle: Obstacle, at: datetime) -> Order:
    if order.state == "held" and order.reason == obstacle.why:
        return order
    _no_longer_held(tx, order)
    order = replace(order, state="held", reason=obstacle.why)
    tx.save(order)
    for sku in obstacle.skus:
        row = HeldFor(stock=f"{order.owner}|{sku}", order=order.key, since=order.received_at)
        tx.save(row)
    tx.emit(OrderHeld(order=order.key, why=obstacle.why, at=at))
    return order


def _no_longer_held(tx: Tx, order: Order) -> None:
    for row in list(tx.find(HeldFor, order=order.key)):
        tx.remove(HeldFor, row.key)
