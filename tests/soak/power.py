"""What a power cut takes from a WAL: its frames beyond the last commit that was on the disk.

The gateway commits with `synchronous = FULL`: SQLite writes a commit's frames, syncs the file, and
only then raises `mxFrame` in the wal-index, and only then does COMMIT return and anybody hear an
answer. After SIGKILL the kernel still has all that was written, so the wal-index says what had been
synced, and whatever lies behind it in the file is what a disk may have lost, in part or whole: the
file is cut at a frame boundary drawn from there. The wal-index itself, which no power cut survives,
goes. Not modelled: sectors that arrive out of order within one frame (SQLite's checksums answer
for those) and pages of an unfinished checkpoint (the WAL still holds them).
"""

import struct
from pathlib import Path
from random import Random

WAL_HEADER, FRAME_HEADER = 32, 24
MX_FRAME = slice(16, 20)
"""In the wal-index header, native byte order (SQLite file format, 4.4 "WAL-Index Format")."""


def cut_unsynced(db: Path, chance: Random) -> int:
    """Frames that were lost; the gateway must be dead."""
    wal, index = db.with_name(f"{db.name}-wal"), db.with_name(f"{db.name}-shm")
    if not wal.exists() or wal.stat().st_size < WAL_HEADER or not index.exists():
        return 0
    written, synced = _frames(wal), _synced(index)
    kept = min(written, chance.randint(synced, max(synced, written)))
    with wal.open("r+b") as file:
        file.truncate(WAL_HEADER + kept * _frame_size(wal))
    index.unlink()
    return written - kept


def _frames(wal: Path) -> int:
    """Whole ones; those left over from before the last restart of the WAL count too."""
    return (wal.stat().st_size - WAL_HEADER) // _frame_size(wal)


def _frame_size(wal: Path) -> int:
    with wal.open("rb") as file:
        (page,) = struct.unpack(">I", file.read(12)[8:])
    return FRAME_HEADER + int(page)


def _synced(index: Path) -> int:
    with index.open("rb") as file:
        (frames,) = struct.unpack("=I", file.read(32)[MX_FRAME])
    return int(frames)
