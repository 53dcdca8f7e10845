"""Lamps: what each should show is a wanted state, asked for until the lamp says that it shows it.

A lamp that should be dark has no row; its timer is what is left to ask.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wcs import lamps
from wcs.commands import LightWanted, SetLight
from wcs.lampstates import LampQueued, LampTrouble
from wcs.lookup import is_down, is_up, the_site, zone_of_lights
from wcs.model import Step
from wcs.names import DeviceId, LightId, TaskId
from wcs.observations import DeviceUp, Due, LampAnswered
from wcs.ports import Tx
from wcs.setups import obeys
from wcs.site import Site, Zone

TEST: Final = "test:"
"""What a lamp shows in an address walk is no rule's business."""


def is_test(task: TaskId | None) -> bool:
    return task is not None and task.startswith(TEST)


def show(tx: Tx, want: LightWanted, at: datetime) -> None:
    """Nothing is sent when the lamp is wanted so already; a lamp that shows another operator's
    colour shows this one's afterwards."""
    before = tx.get(LightWanted, want.key)
    if before is not None and before.colour != want.colour:
        _queue(tx, want, at)
    elif before is None or replace(before, answered=want.answered) != want:
        _ask(tx, want, at)


def dark(tx: Tx, zone: Zone, light: LightId, at: datetime) -> None:
    """No longer for the operator of this zone; the next one in the queue has the lamp."""
    key = f"{zone.lights}|{light}"
    if tx.get(LampQueued, f"{key}|{zone.colour}"):
        tx.remove(LampQueued, f"{key}|{zone.colour}")
    want = tx.get(LightWanted, key)
    if want is None or want.colour != zone.colour:
        return
    tx.remove(LightWanted, key)
    waiting = [row for row in tx.find(LampQueued, device=zone.lights) if row.light == light]
    if waiting:
        _next(tx, min(waiting, key=lambda row: (row.since, row.key)), at)
    else:
        _put_out(tx, zone.lights, light, at)


def _queue(tx: Tx, want: LightWanted, at: datetime) -> None:
    row = LampQueued(
        device=want.device,
        light=want.light,
        colour=want.colour,
        task=want.task,
        qty=want.qty,
        text=want.text,
        flash=want.flash,
        since=at,
    )
    before = tx.get(LampQueued, row.key)
    tx.save(replace(row, since=before.since) if before else row)


def _next(tx: Tx, row: LampQueued, at: datetime) -> None:
    tx.remove(LampQueued, row.key)
    want = LightWanted(
        device=row.device,
        light=row.light,
        task=row.task,
        colour=row.colour,
        qty=row.qty,
        text=row.text,
        flash=row.flash,
    )
    _ask(tx, want, at)


def show_step(tx: Tx, zone: Zone, step: Step, at: datetime, *, flash: bool) -> None:
    want = LightWanted(
        device=zone.lights,
        light=step.light,
        task=step.task,
        colour=zone.colour,
        qty=step.qty,
        text=step.sku,
        flash=flash,
    )
    show(tx, want, at)


def show_display(tx: Tx, zone: Zone, task: TaskId, text: str, at: datetime) -> None:
    want = LightWanted(
        device=zone.lights, light=zone.display, task=task, colour=zone.colour, qty=0, text=text
    )
    show(tx, want, at)


def on_lamp_answered(seen: LampAnswered, tx: Tx) -> None:
    key = f"{seen.zone}|{seen.light}"
    want = tx.get(LightWanted, key)
    if seen.stuck:
        lamps.fails(tx, seen.zone, seen.light, "stuck", seen.at)
    else:
        lamps.is_well(tx, seen.zone, seen.light, seen.at)
    if seen.task == (want.task if want else None):
        tx.wake(f"lamp:{key}", None)
        if want and not want.answered:
            tx.want(replace(want, answered=True))
    elif want is None:
        if not is_test(seen.task):
            _put_out(tx, seen.zone, seen.light, seen.at)
    elif want.answered:
        _ask(tx, want, seen.at)


def on_due(fired: Due, tx: Tx) -> None:
    key = fired.key.removeprefix("lamp:")
    device, _, light = key.partition("|")
    want = tx.get(LightWanted, key)
    if not is_up(tx, DeviceId(device)):
        return  # asked again when it is back
    if want is None:
        _put_out(tx, DeviceId(device), LightId(light), fired.at)
    elif not want.answered:
        _ask(tx, want, fired.at)


def reassert(tx: Tx, up: DeviceUp) -> None:
    """Lights what should be lit and is not, puts out what is lit and should not be; a lamp that had
    failed is asked in any case: its answer ends the alarm."""
    site = tx.get(Site, "site")
    if site is None or zone_of_lights(site, up.device) is None:
        return
    lit: dict[str, str | None] = dict(slot.partition("=")[::2] for slot in up.has)
    failed = {row.light for row in tx.find(LampTrouble, device=up.device)}
    wanted = list(tx.find(LightWanted, device=up.device))
    for want in wanted:
        shown = lit.pop(want.light, None) == want.task
        if not shown or not want.answered or want.light in failed:
            _ask(tx, want, up.at)
    dark = failed - {want.light for want in wanted}
    for light in sorted({light for light, task in lit.items() if task} | dark):
        _put_out(tx, up.device, LightId(light), up.at)


def _ask(tx: Tx, want: LightWanted, at: datetime) -> None:
    tx.want(replace(want, answered=False))
    _send(
        tx,
        SetLight(
            device=want.device,
            light=want.light,
            task=want.task,
            colour=want.colour,
            qty=want.qty,
            text=want.text,
            flash=want.flash,
            before=_before(tx, at),
        ),
    )


def _put_out(tx: Tx, device: DeviceId, light: LightId, at: datetime) -> None:
    _send(tx, SetLight(device=device, light=light, task=None, before=_before(tx, at)))


def _send(tx: Tx, command: SetLight) -> None:
    if obeys(tx, command.device) and not is_down(tx, command.device):
        tx.command(command)
        tx.wake(f"lamp:{command.device}|{command.light}", command.before)


def _before(tx: Tx, at: datetime) -> datetime:
    return at + timedelta(seconds=the_site(tx).patience.lamp_s)
