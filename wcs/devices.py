"""Any device comes and goes; what it is wanted to show outlives that."""

from wcs.observations import CommandFailed, DeviceDown, DeviceUp
from wcs.ports import Tx


def on_up(seen: DeviceUp, tx: Tx) -> None:
    raise NotImplementedError


def on_down(seen: DeviceDown, tx: Tx) -> None:
    raise NotImplementedError


def on_command_failed(seen: CommandFailed, tx: Tx) -> None:
    raise NotImplementedError
