"""Deadlines in processor time, because a search that is pushed aside searches less."""

from collections.abc import Callable
from time import perf_counter, process_time


def time_is_up(seconds: float) -> Callable[[], bool]:
    """Whether so much has passed. Here and there that clock costs 0.7 ms, so it is asked only when
    it can be time."""
    until, not_before = process_time() + seconds, perf_counter() + seconds
    return lambda: perf_counter() >= not_before and process_time() >= until
