"""The same code again within a moment is one pull of the trigger, not two."""

from wcs.names import Barcode


class Bounce:
    """A code that is read without a break longer than `window_s` counts once."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._last: tuple[tuple[Barcode, ...], float] = ((), 0.0)

    def again(self, codes: tuple[Barcode, ...], at_s: float) -> bool:
        """at_s: monotonic seconds of the frame's last byte."""
        before, seen_s = self._last
        self._last = (codes, at_s)
        return bool(codes) and codes == before and at_s - seen_s < self._window_s
