"""What a Linux process may ask for itself (prctl(2))."""

import ctypes
import signal

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15  # linux/prctl.h


def die_with_parent() -> None:
    """For a child that does not watch its stdin: it is killed when its parent is no more. To be
    called in the child, between fork and exec."""
    _ask(PR_SET_PDEATHSIG, signal.SIGKILL)


def call_myself(name: str) -> None:
    """The name that `ps -o comm` and `top` show: its first 15 bytes."""
    _ask(PR_SET_NAME, ctypes.create_string_buffer(name.encode()[:15]))


def _ask(*what: object) -> None:
    ctypes.CDLL(None).prctl(*what)
