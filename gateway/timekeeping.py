"""Whether something keeps the clock of this machine in step (NTP, PTP), by adjtimex(2)."""

import ctypes
import sys
from typing import Final

UNSYNCHRONISED: Final = 5  # TIME_ERROR of linux/timex.h
MAX_ERROR_AT: Final = 3 * 8  # of struct timex on 64 bits: behind modes, offset, freq
SIZE: Final = 256  # more than the struct has; all zero reads and sets nothing


def clock_error_s() -> float | None:
    """Seconds that the clock may be off at most; infinite when nothing keeps it in step, None where
    the kernel does not say."""
    if not sys.platform.startswith("linux") or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    told = ctypes.create_string_buffer(SIZE)
    state = ctypes.CDLL(None).adjtimex(told)
    if state < 0:
        return None
    if state == UNSYNCHRONISED:
        return float("inf")
    return (
        int.from_bytes(told.raw[MAX_ERROR_AT : MAX_ERROR_AT + 8], sys.byteorder, signed=True) / 1e6
    )
