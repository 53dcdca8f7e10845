"""What can go wrong with the store: one class per reaction; the words are for a person."""

import sqlite3
from pathlib import Path

# The caller's own doing, not the disk's: https://www.sqlite.org/rescode.html
OWN = (
    *("SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_MISUSE"),
    *("SQLITE_RANGE", "SQLITE_TOOBIG"),
)
HINTS = {
    "SQLITE_FULL": "free space on its disk, then start again",
    "SQLITE_IOERR": "check the disk and its file system, then start again",
    "SQLITE_CORRUPT": "put back a copy made while it was well",
    "SQLITE_NOTADB": "put back a copy made while it was well",
    "SQLITE_READONLY": "make the file and its folder writable for this user",
    "SQLITE_BUSY": "another program holds the database; end it, then start again",
}


class StoreError(Exception):
    """A sentence for a person: place, fact, hint."""

    def __init__(self, place: object, problem: str, hint: str = "") -> None:
        super().__init__(f"{place}: {problem}" + (f" ({hint})" if hint else ""))


class StoreLocked(StoreError):
    """Another gateway writes to this database. Nothing was opened."""


class StoreTooNew(StoreError):
    """A newer release wrote this database. Nothing was changed."""


class StoreFailed(StoreError):
    """The disk, not a rule: what was being written is not acknowledged, and nothing more is
    written until the store is opened again."""


def is_own(err: Exception) -> bool:
    """The SQL that a caller asked for was wrong; the database itself is well."""
    name: str | None = getattr(err, "sqlite_errorname", None)
    if name is None:  # raised by the sqlite3 module before it asked the library
        return isinstance(err, sqlite3.Error)
    return name.startswith(OWN)


def failed(path: Path, err: Exception) -> StoreFailed:
    name = str(getattr(err, "sqlite_errorname", ""))
    hint = next((text for start, text in HINTS.items() if name.startswith(start)), "")
    return StoreFailed(path, str(err) or type(err).__name__, hint)
