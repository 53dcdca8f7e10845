"""What a process holds: memory, tasks, threads, sockets and other open files."""

import asyncio
import gc
import os
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from typing import Final

NOISE_KB: Final = 4096
"""What libraries still take after the first hundred times; what goes on is told by the slope."""
KB_EACH: Final = 0.2
"""A leaked client is tens of kilobytes, a leaked future half of one."""
STRAYS: Final = 2
"""What may be under way at the moment of counting."""


@dataclass(frozen=True, slots=True)
class Held:
    kb: int
    tasks: int
    threads: int
    sockets: int
    files: int


def held() -> Held:
    gc.collect()
    kinds = Counter(_is_socket(fd) for fd in os.listdir("/proc/self/fd"))
    tasks, threads = len(asyncio.all_tasks()), threading.active_count()
    return Held(resident_kb(), tasks, threads, kinds[True], kinds[False])


def resident_kb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def left_behind(before: Held, after: Held, each: int) -> list[str]:
    """Why this is a leak, after so many times."""
    found = [
        f"{getattr(after, kind) - getattr(before, kind)} {kind} stayed behind"
        for kind in ("tasks", "threads", "sockets", "files")
        if getattr(after, kind) - getattr(before, kind) > STRAYS
    ]
    grown = after.kb - before.kb
    return found + ([f"memory grew by {grown} KB"] if grown > NOISE_KB + KB_EACH * each else [])


def slope(samples: Sequence[tuple[int, int]]) -> float:
    """KB per time, over the second half of (times, KB): what still grows when all is warm."""
    late = samples[len(samples) // 2 :]
    if len(late) < 2:
        return 0.0
    times, kb = zip(*late, strict=True)
    return linear_regression(times, kb).slope


def _is_socket(fd: str) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")
    except FileNotFoundError:  # the one that listed them
        return False
