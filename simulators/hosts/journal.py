"""What a host acted on, one JSON line each, so that a killed host comes back as it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """A last line cut short by a kill is dropped when the file is opened: nobody was answered."""

    def __init__(self, path: Path | None) -> None:
        """`path` None: nothing is kept."""
        self._path = path
        self._file = None
        if path:
            self._file = path.open("a+b", buffering=0)
            self._file.truncate(path.read_bytes().rfind(b"\n") + 1)

    def read(self) -> Iterator[dict[str, Any]]:
        """Oldest first."""
        lines = self._path.read_bytes().splitlines() if self._path else []
        return (json.loads(line) for line in lines)

    def append(self, act: dict[str, Any]) -> None:
        if self._file:
            self._file.write(json.dumps(act, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        if self._file:
            self._file.close()
