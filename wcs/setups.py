"""What people set of a device while the site runs: its mode, another unit in its place, its
simulator. The gateway carries out what stands here; replay sees it too."""

from dataclasses import replace

from wcs.equipment import Setup
from wcs.events import DeviceBound, DeviceModeChanged, DeviceSimulationChanged
from wcs.names import DeviceId, Mode
from wcs.observations import (
    ConditionAcknowledged,
    DeviceModeSet,
    DeviceReplaced,
    DeviceSimulated,
    MethodCalled,
    TagWritten,
    WriteRefused,
)
from wcs.ports import Tx
from wcs.site import Site


def mode_of(tx: Tx, device: DeviceId) -> Mode:
    setup, site = tx.get(Setup, device), tx.get(Site, "site")
    return (setup and setup.mode) or (site.mode if site else "automatic")


def obeys(tx: Tx, device: DeviceId) -> bool:
    """Whether rules may command it. What is wanted of it is asked for again when it comes back."""
    return mode_of(tx, device) == "automatic"


def on_mode_set(seen: DeviceModeSet, tx: Tx) -> None:
    before = mode_of(tx, seen.device)
    tx.save(replace(_setup(tx, seen.device), mode=seen.mode))
    if before == seen.mode:
        tx.answer("accepted", f"{seen.device} is in {seen.mode} already")
        return
    tx.emit(
        DeviceModeChanged(device=seen.device, before=before, mode=seen.mode, by=seen.by, at=seen.at)
    )


def on_replaced(seen: DeviceReplaced, tx: Tx) -> None:
    setup = _setup(tx, seen.device)
    before = setup.binding or {}
    if before == seen.binding:
        tx.answer("accepted", f"{seen.device} is bound so already")
        return
    tx.save(replace(setup, binding=seen.binding, before=before))
    tx.emit(
        DeviceBound(
            device=seen.device,
            before=before,
            binding=seen.binding,
            found=seen.found,
            by=seen.by,
            at=seen.at,
        )
    )


def on_simulated(seen: DeviceSimulated, tx: Tx) -> None:
    setup = _setup(tx, seen.device)
    if setup.simulated == seen.on:
        now = "is simulated already" if seen.on else "is the real one already"
        tx.answer("accepted", f"{seen.device} {now}")
        return
    tx.save(replace(setup, simulated=seen.on))
    why = "SIMULATED from now on" if seen.on else "the real one again"
    tx.emit(
        DeviceSimulationChanged(device=seen.device, on=seen.on, why=why, by=seen.by, at=seen.at)
    )


def on_tag_written(seen: TagWritten, tx: Tx) -> None:
    """Kept for the audit; nothing is decided by it."""
    tx.answer("accepted", f"{seen.device}.{seen.tag}: {seen.outcome}")


def on_kept(seen: WriteRefused | ConditionAcknowledged | MethodCalled, tx: Tx) -> None:
    """Kept for the audit; nothing is decided by it."""
    tx.answer("accepted", seen.reason)


def _setup(tx: Tx, device: DeviceId) -> Setup:
    return tx.get(Setup, device) or Setup(device=device)
