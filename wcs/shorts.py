"""A shelf holds less than the lamp asked for: another shelf first, then the channel's policy."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from wcs import allocating, counting, errands, stock
from wcs.events import ShortPicked
from wcs.lookup import channel_of, the_site
from wcs.model import Errand, Order, OrderLine, Pick, Promise, Step
from wcs.names import LocationCode, Lpn, OrderKey, TaskId
from wcs.ports import Tx
from wcs.site import OnShort, Zone
from wcs.walking import MOST_STOPS, layout_of, stops, walk

POLICY: Final[dict[OnShort, str]] = {
    "ship_partial": "the order goes out without them",
    "cancel_line": "they are cancelled",
    "hold": "the order is held until they are there",
    "ask": "a person is asked",
}


def policy_of(tx: Tx, order: Order) -> OnShort:
    channel = channel_of(the_site(tx), order.channel)
    return channel.on_short if channel else "ask"


def on_short(
    tx: Tx, zone: Zone, pick: Pick, order: Order, step: Step, at: datetime
) -> tuple[Pick, Order, bool]:
    """The pick with a step for each other shelf, the order with its promises, both saved; and
    whether the order must stop here and be held."""
    missing = step.qty - step.picked
    why = f"{step.picked} of {step.qty} {step.sku} at {step.location} for {order.key}"
    counting.ask_count(tx, order.owner, step.sku, step.location, why, at)
    found = _elsewhere(tx, zone, order, step, missing)
    pick, order = _add_steps(tx, zone, pick, order, step, found)
    left = missing - sum(made.qty for made in found)
    policy = policy_of(tx, order)
    if left and policy == "cancel_line":
        order = cancel_missing(tx, order, step.line, left)
    if left and policy == "ask":
        ask_person(tx, order, f"{left} {step.sku} of order {order.number} are nowhere", at)
    tx.emit(
        ShortPicked(
            order=order.key,
            lpn=pick.lpn or Lpn(""),
            location=step.location,
            sku=step.sku,
            wanted=step.qty,
            picked=step.picked,
            why=_why(found, left, policy),
            at=at,
        )
    )
    return pick, order, bool(left) and policy == "hold"


def ask_person(tx: Tx, order: Order, text: str, at: datetime) -> None:
    errand = Errand(
        key=asked(order.key),
        station=the_site(tx).counter,
        kind="ask_short",
        subject=order.key,
        text=text,
        remedy="ship_partial, hold or cancel_line",
        asked_at=at,
    )
    errands.ask(tx, errand)


def asked(order: OrderKey) -> str:
    return errands.key("ask_short", order)


def cancel_missing(tx: Tx, order: Order, line: int, qty: int) -> Order:
    """Pieces of one line that nobody waits for any more."""
    lines = tuple(_cancelled(each, qty) if each.line == line else each for each in order.lines)
    order = replace(order, lines=lines)
    tx.save(order)
    return order


def _cancelled(line: OrderLine, qty: int) -> OrderLine:
    return replace(line, cancelled=line.cancelled + qty)


def _elsewhere(tx: Tx, zone: Zone, order: Order, step: Step, missing: int) -> tuple[Promise, ...]:
    free = stock.free(tx, order.owner, step.sku)
    here = {place: qty for place, qty in free.items() if place in zone.light_of}
    return tuple(
        Promise(line=step.line, sku=step.sku, location=place, qty=qty)
        for place, qty in allocating.spread(missing, here)
    )


def _add_steps(
    tx: Tx, zone: Zone, pick: Pick, order: Order, step: Step, found: tuple[Promise, ...]
) -> tuple[Pick, Order]:
    for made in found:
        stock.promise(tx, order.owner, made.sku, made.location, made.qty)
    first = len(pick.steps) + 1
    added = [
        Step(
            task=TaskId(f"{pick.key}.{n}"),
            location=made.location,
            light=zone.light_of[made.location],
            line=made.line,
            sku=made.sku,
            qty=made.qty,
        )
        for n, made in enumerate(found, start=first)
    ]
    closed = [each for each in pick.steps if each.state != "open"]
    still = [each for each in pick.steps if each.state == "open"] + added
    if added:
        still = _walked(tx, zone, step.location, still)
    pick = replace(pick, steps=(*closed, *still))
    order = replace(order, promises=order.promises + found)
    tx.save(pick)
    tx.save(order)
    return pick, order


def _walked(tx: Tx, zone: Zone, here: LocationCode, still: list[Step]) -> list[Step]:
    """Open steps in the order of the shortest walk from where the picker stands."""
    layout, places = layout_of(the_site(tx).layout), [step.location for step in still]
    if stops(layout, places) > MOST_STOPS:
        return still
    order, _ = walk(layout, layout.locations[here].node, places, zone.end)
    return sorted(still, key=lambda step: order.index(step.location))


def _why(found: tuple[Promise, ...], left: int, policy: OnShort) -> str:
    parts = [f"{made.qty} more from {made.location}" for made in found]
    if left:
        parts.append(f"{left} are nowhere: {POLICY[policy]}")
    return ", ".join(parts)
