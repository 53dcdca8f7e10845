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
from itertools import takewhile
from pathlib import Path
from random import Random

WAL_HEADER, FRAME_HEADER = 32, 24
SALTS, MX_FRAME = slice(16, 24), slice(16, 20)
"""Of the WAL's header, and of the wal-index's, which is in native byte order (SQLite's "Write-Ahead
Log" and "WAL-mode File Format")."""


def cut_unsynced(db: Path, chance: Random) -> int:
    """Frames that were lost; the gateway must be dead."""
    wal, index = db.with_name(f"{db.name}-wal"), db.with_name(f"{db.name}-shm")
    if not wal.exists() or wal.stat().st_size < WAL_HEADER or not index.exists():
        return 0
    content = wal.read_bytes()
    written, synced = _written(content), _synced(index)
    kept = chance.randint(min(synced, written), written)
    with wal.open("r+b") as file:
        file.truncate(WAL_HEADER + kept * _frame_size(content))
    index.unlink()
    return written - kept


def _written(wal: bytes) -> int:
    """Whole frames since the WAL was last begun anew: theirs are the salts of its header."""
    size, salts = _frame_size(wal), wal[SALTS]
    starts = range(WAL_HEADER, len(wal) - size + 1, size)
    mine = takewhile(lambda start: wal[start + 8 : start + 16] == salts, starts)
    return sum(1 for _ in mine)


def _frame_size(wal: bytes) -> int:
    (page,) = struct.unpack(">I", wal[8:12])
    return FRAME_HEADER + int(page)


def _synced(index: Path) -> int:
    (frames,) = struct.unpack("=I", index.read_bytes()[MX_FRAME])
    return int(frames)
