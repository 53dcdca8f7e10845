"""A pick ends. A bound carton always goes to the hand-over node, so that the picker has one thing
to do: with its order, or, when that stopped, to the hospital lane where it is emptied.

Nothing picked at all: the order is held until the items are there (or cancelled where the channel's
policy is to cancel lines), and its empty carton gives its plate back in the hospital lane.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from wcs import allocating, carts, errands, hosts, lights, missions, release, shorts, stock
from wcs.events import CartonPicked
from wcs.lookup import existing, the_site, zone_of
from wcs.model import Carton, Errand, Order, Pick
from wcs.names import Lpn, Sku
from wcs.observations import ShortAnswered
from wcs.ports import Tx

SHORT: Final = "short, put back"
NOTHING: Final = "nothing was picked into it"
NONE_THERE: Final = "nothing of it is there"


def end_if_done(tx: Tx, pick: Pick, at: datetime) -> bool:
    """Whether every step is closed, nobody is asked any more, and so the pick has ended; picks of
    one batch end together."""
    picks = carts.together(tx, pick)
    if any(_is_open(tx, each) for each in picks):
        return False
    for each in picks:
        if existing(tx, Pick, each.key).state not in ("done", "cancelled"):  # with one before it
            _end(tx, each, at)
    return True


def _is_open(tx: Tx, pick: Pick) -> bool:
    """Somebody is to pick or to decide."""
    opened = any(step.state == "open" for step in pick.steps)
    return opened or tx.get(Errand, shorts.asked(pick.order)) is not None


def _end(tx: Tx, pick: Pick, at: datetime) -> None:
    order = existing(tx, Order, pick.order)
    if any(line.picked for line in order.lines):
        _hand_over(tx, pick, order, at)
    else:
        _nothing_picked(tx, pick, order, at)


def stop(tx: Tx, pick: Pick, why: str, at: datetime) -> Order:
    """The order no longer wants its carton: lamps out, promises freed. Returns the order as it is
    saved."""
    _close(tx, replace(pick, state="cancelled"), at)
    if pick.lpn:
        _turn_away(tx, pick, pick.lpn, why, at)
    order = allocating.give_back(tx, existing(tx, Order, pick.order))
    errands.end(tx, shorts.asked(order.key), "wedge", at)
    tx.save(order)
    _go_on(tx, pick, at)
    return order


def _go_on(tx: Tx, stopped: Pick, at: datetime) -> None:
    """The walk of its batch goes on without it, or has ended with it."""
    rest = carts.together(tx, stopped) if stopped.batch else []
    if rest and not end_if_done(tx, rest[0], at):
        carts.show(tx, zone_of(the_site(tx), stopped), rest, at)


def hold(tx: Tx, pick: Pick, why: str, at: datetime) -> None:
    """What was picked is put back; the order waits for the items that were not there."""
    order = allocating.allocate(tx, afresh(stop(tx, pick, why, at)), at)
    allocating.came_free(tx, order.owner, skus_of(order), at)


def afresh(order: Order) -> Order:
    """To be picked once more, into another carton."""
    lines = tuple(replace(line, picked=0) for line in order.lines)
    return replace(order, lines=lines, lpn=None, tracking=None)


def skus_of(order: Order) -> tuple[Sku, ...]:
    return tuple(dict.fromkeys(line.sku for line in order.lines))


def on_short_answered(seen: ShortAnswered, tx: Tx) -> None:
    order = tx.get(Order, seen.order)
    pick = next(tx.find(Pick, order=seen.order, state="picking"), None)
    if (
        order is None
        or pick is None
        or not errands.end(tx, shorts.asked(seen.order), seen.by, seen.at)
    ):
        tx.answer("refused", f"nobody asks what to do about order {seen.order}")
        return
    if seen.decision == "hold":
        hold(tx, pick, SHORT, seen.at)
        return
    if seen.decision == "cancel_line":
        _cancel_closed_lines(tx, pick, order)
    if end_if_done(tx, pick, seen.at):
        release.fill_zones(tx, seen.at)


def _cancel_closed_lines(tx: Tx, pick: Pick, order: Order) -> None:
    promised = {made.line for made in order.promises}
    for line in order.lines:
        missing = line.qty - line.picked - line.cancelled
        if missing and line.line not in promised:
            order = shorts.cancel_missing(tx, order, line.line, missing)


def _hand_over(tx: Tx, pick: Pick, order: Order, at: datetime) -> None:
    if pick.lpn is None:
        raise LookupError(f"pick {pick.key} has goods but no carton")
    _close(tx, replace(pick, state="done"), at)
    carton = _at_handover(tx, pick, pick.lpn, at)
    tx.save(carton)
    tx.emit(CartonPicked(lpn=carton.lpn, order=order.key, expected_g=carton.expected_g, at=at))
    missions.on_carton_picked(tx, carton, at)


def _nothing_picked(tx: Tx, pick: Pick, order: Order, at: datetime) -> None:
    if shorts.policy_of(tx, order) != "cancel_line":
        hold(tx, pick, NOTHING, at)
        return
    order = replace(stop(tx, pick, NOTHING, at), state="cancelled", reason=NONE_THERE)
    tx.save(order)
    hosts.tell_cancelled(tx, order, NONE_THERE, at)
    allocating.came_free(tx, order.owner, skus_of(order), at)


def _turn_away(tx: Tx, pick: Pick, lpn: Lpn, why: str, at: datetime) -> None:
    full = stock.contents(tx, stock.carton(lpn))
    carton = replace(
        _at_handover(tx, pick, lpn, at),
        cancelled=True,
        fault=why,
        remedy="put back" if full else "emptied",
    )
    tx.save(carton)
    missions.on_carton_picked(tx, carton, at)


def _at_handover(tx: Tx, pick: Pick, lpn: Lpn, at: datetime) -> Carton:
    site = the_site(tx)
    return replace(
        existing(tx, Carton, lpn),
        state="picked",
        place=zone_of(site, pick).end,
        seen_at=at,
        expected_g=site.pack.carton_g + stock.weight_g(tx, stock.carton(lpn)),
    )


def _close(tx: Tx, pick: Pick, at: datetime) -> None:
    tx.save(pick)
    zone = zone_of(the_site(tx), pick)
    for light in (zone.display, *dict.fromkeys(step.light for step in pick.steps)):
        lights.dark(tx, zone, light, at)
