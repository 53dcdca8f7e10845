"""Picking by light, straight into the shipping carton: its plate is bound by a scan, then every
lamp of the order is lit, the next one on the walk flashing, and each press moves stock."""

from dataclasses import replace
from datetime import datetime

from wcs import (
    carts,
    handover,
    hosts,
    lights,
    plates,
    release,
    shorts,
    starting,
    stock,
    taking,
    whereabouts,
)
from wcs.commands import LabelWanted
from wcs.events import CartonBound, WrongPress
from wcs.lookup import existing, the_site, zone_of, zone_of_scanner
from wcs.model import Carton, Label, Order, Pick, Step
from wcs.names import Barcode, LightId, Lpn, TaskId
from wcs.observations import LightPressed, PickReported, Scanned
from wcs.ports import Tx
from wcs.site import Zone
from wcs.trust import why_not


def on_bind_scan(seen: Scanned, tx: Tx) -> None:
    zone = zone_of_scanner(the_site(tx), seen.scanner)
    pick = starting.open_pick(tx, zone.station) if zone else None
    if zone is None or pick is None:
        tx.answer("refused", f"no order waits for a carton at {zone.station if zone else '?'}")
        return
    why = why_not(seen) or _not_bound_because(tx, pick, seen.codes)
    if why:
        tx.answer("refused", why)
    elif pick.lpn is None:
        _bind(tx, zone, pick, Lpn(seen.codes[0]), seen.by, seen.at)


def on_light_pressed(seen: LightPressed, tx: Tx) -> None:
    if lights.is_test(seen.task):
        tx.answer("accepted", f"{seen.light}: its key works")
        return
    why = _press(tx, seen.task, seen.light, seen.qty, None, seen.at)
    if why:
        tx.emit(WrongPress(device=seen.zone, light=seen.light, why=why, at=seen.at))
        tx.answer("refused", f"{seen.light}: {why}")


def on_pick_reported(seen: PickReported, tx: Tx) -> None:
    why = _press(tx, seen.task, None, seen.qty, seen.by, seen.at)
    if why:
        tx.answer("refused", why)


def _not_bound_because(tx: Tx, pick: Pick, codes: tuple[Barcode, ...]) -> str:
    """Empty when the plate may be bound, or is bound to this very pick."""
    if len(codes) != 1:
        return "scan one plate" if codes else "nothing legible was read"
    code, order = codes[0], existing(tx, Order, pick.order)
    if pick.lpn:
        same = str(code) in {each.lpn for each in carts.together(tx, pick)}
        return "" if same else f"order {order.number} is being picked into {pick.lpn}"
    if not plates.is_plate(code):
        return f"{code} is no carton plate (L and 8 digits); order {order.number} needs a carton"
    bound = tx.get(Carton, code)
    taken = bound is not None and bound.state not in whereabouts.FREE
    return f"{code} holds order {bound.order}" if bound and taken else ""


def _bind(tx: Tx, zone: Zone, pick: Pick, lpn: Lpn, by: str | None, at: datetime) -> None:
    pick = replace(pick, state="picking", lpn=lpn)
    tx.save(pick)
    for leftover in (Label, LabelWanted):  # of the plate's life before
        tx.remove(leftover, lpn)
    carton = Carton(lpn=lpn, order=pick.order, state="picking", place=zone.station, seen_at=at)
    tx.save(carton)
    order = replace(existing(tx, Order, pick.order), lpn=lpn)
    tx.save(order)
    tx.emit(CartonBound(lpn=lpn, order=order.key, station=zone.station, by=by, at=at))
    hosts.tell(tx, order, "picking", at)
    show_steps(tx, zone, pick, at)


def show_steps(tx: Tx, zone: Zone, pick: Pick, at: datetime) -> None:
    """One task for each lamp, the first open one on the walk; the next lamp flashes. A lamp without
    a task goes dark."""
    if pick.batch:
        carts.show(tx, zone, carts.together(tx, pick), at)
        return
    showing: dict[LightId, Step] = {}
    for step in pick.steps:
        if step.state == "open":
            showing.setdefault(step.light, step)
    for light in dict.fromkeys(step.light for step in pick.steps):
        if light not in showing:
            lights.dark(tx, zone, light, at)
    for n, step in enumerate(showing.values()):
        lights.show_step(tx, zone, step, at, flash=n == 0)
    lights.show_display(tx, zone, pick.key, str(pick.lpn), at)


def _press(
    tx: Tx, task: TaskId | None, light: LightId | None, qty: int, by: str | None, at: datetime
) -> str:
    """Why nothing moves; empty when it does, or has done so before."""
    if task is None:
        return "the lamp was dark"
    pick = tx.get(Pick, task.rpartition(".")[0])
    step = next((step for step in pick.steps if step.task == task), None) if pick else None
    if pick is None or step is None:
        return f"nothing is picked under task {task}"
    why = wrong(pick, step, light, qty)
    if not why and step.state == "open":
        _take(tx, pick, step, qty, by, at)
    return why


def wrong(pick: Pick, step: Step, light: LightId | None, qty: int) -> str:
    if light not in (None, step.light):
        return f"its task belongs to {step.light}"
    if step.state != "open":
        return ""
    if pick.state == "carton":
        return "scan a carton first"
    if pick.state != "picking":
        return f"order {pick.order} is no longer picked"
    if not 0 <= qty <= step.qty:
        return f"{qty} reported, {step.qty} wanted"
    return ""


def _take(tx: Tx, pick: Pick, step: Step, qty: int, by: str | None, at: datetime) -> None:
    zone = zone_of(the_site(tx), pick)
    taken = replace(step, picked=qty, state="confirmed" if qty == step.qty else "short")
    steps = tuple(taken if each.task == step.task else each for each in pick.steps)
    pick = replace(pick, steps=steps)
    tx.save(pick)
    order = taking.take(tx, pick, taken, by, at)
    stop = False
    if taken.state == "short":
        pick, order, stop = shorts.on_short(tx, zone, pick, order, taken, at)
    stock.tell_levels(tx, order.owner, [step.sku], at)
    if stop:
        handover.hold(tx, pick, handover.SHORT, at)
    elif handover.end_if_done(tx, pick, at):
        release.fill_zones(tx, at)
    else:
        show_steps(tx, zone, pick, at)
