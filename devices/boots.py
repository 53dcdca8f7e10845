"""Which life of a PLC this is: its counters start again after a restart, so they alone do not name
an event."""

import json
import os
from pathlib import Path
from typing import Protocol

from wcs.names import DeviceId


class Boots(Protocol):
    """Remembers the name that we gave to each PLC's current life."""

    def of(self, device: DeviceId) -> str | None: ...
    def set(self, device: DeviceId, boot: str) -> None: ...


class BootsInMemory:
    def __init__(self) -> None:
        self._boots: dict[DeviceId, str] = {}

    def of(self, device: DeviceId) -> str | None:
        return self._boots.get(device)

    def set(self, device: DeviceId, boot: str) -> None:
        self._boots[device] = boot


class BootsInFile:
    """One small JSON file beside the database; on the disk before `set` returns."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, device: DeviceId) -> str | None:
        return self._all().get(device)

    def set(self, device: DeviceId, boot: str) -> None:
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            json.dump({**self._all(), device: boot}, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _all(self) -> dict[str, str]:
        """A file that is gone or torn is the same as none: every PLC gets a new name."""
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
