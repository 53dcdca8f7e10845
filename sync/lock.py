"""One writer: whoever opens the database for writing holds a lock beside it until they end."""

import fcntl
import os
from pathlib import Path

from sync.failures import StoreLocked


class Lock:
    """Released by `close` and by the end of the process, however it ends."""

    def __init__(self, database: Path) -> None:
        """Raises StoreLocked at once when somebody else holds it."""
        path = database.with_name(database.name + ".lock")
        self._file = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            self._file.seek(0)
            holder = self._file.read(20).strip()
            self._file.close()
            raise StoreLocked(
                database,
                "another gateway" + (f" (process {holder})" if holder else "") + " is using it",
                "stop that one first, or give this one its own data folder",
            ) from err
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()
