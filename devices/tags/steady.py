"""What a tag shows of its readings over time: counters that wrap, values that hardly move, contacts
that bounce. Pure: the time is given."""

from collections.abc import Callable

from devices.map.schema import RegisterTag
from devices.map.units import Band
from devices.tags.codec import INTEGERS
from devices.tags.value import Plain

Steady = Callable[[Plain, float], Plain]
"""A fresh value and the time in seconds -> the value to show."""


def steady(tag: RegisterTag) -> Steady | None:
    """None for a tag that shows what it reads. What is returned remembers: one per tag."""
    if tag.counter and tag.type in INTEGERS:
        words, _ = INTEGERS[tag.type]
        return Counter(2 ** (16 * words) * tag.scale)
    if tag.debounce is not None and tag.type == "bool":
        return Debounced(tag.debounce.on_s, tag.debounce.off_s)
    if tag.deadband is not None and not tag.enum:
        span = tag.range[1] - tag.range[0] if tag.range else None
        return Still(tag.deadband, span)
    return None


class Counter:
    """Counts on when the register wraps. A step backward of less than half its size is no wrap: the
    device began anew, and so do we."""

    def __init__(self, size: float) -> None:
        self._size = size
        self._last: float | None = None
        self._wraps = 0

    def __call__(self, value: Plain, now_s: float) -> Plain:
        assert isinstance(value, (int, float))
        if self._last is not None and value < self._last:
            wrapped = self._last - value > self._size / 2
            self._wraps = self._wraps + 1 if wrapped else 0
        self._last = value
        return value + round(self._wraps * self._size, 9) if self._wraps else value


class Debounced:
    """Turns on or off only after the contact has held for so long."""

    def __init__(self, on_s: float, off_s: float) -> None:
        self._hold_s = {True: on_s, False: off_s}
        self._shown: bool | None = None
        self._since: float | None = None

    def __call__(self, value: Plain, now_s: float) -> Plain:
        fresh = bool(value)
        if self._shown is None or fresh == self._shown:
            self._shown, self._since = fresh, None
        else:
            self._since = now_s if self._since is None else self._since
            if now_s - self._since >= self._hold_s[fresh]:
                self._shown, self._since = fresh, None
        return self._shown


class Still:
    """Shows the last value until a fresh one is further away than the deadband: in the tag's unit,
    or in percent of its range (without one, of the value shown)."""

    def __init__(self, deadband: Band, span: float | None = None) -> None:
        self._deadband, self._span = deadband, span
        self._shown: float | None = None

    def __call__(self, value: Plain, now_s: float) -> Plain:
        assert isinstance(value, (int, float))
        if self._shown is None or abs(value - self._shown) > self._width():
            self._shown = value
        return self._shown

    def _width(self) -> float:
        if not self._deadband.percent:
            return self._deadband.width
        of = self._span if self._span is not None else abs(self._shown or 0.0)
        return self._deadband.width / 100 * of
