"""Cuts a byte stream into the frames of a line, however the bytes were chopped up."""


class Frames:
    """Payloads between `start` and `end`, or up to `end` where there is no `start`.

    Bytes outside a frame are line noise; a payload longer than `limit` bytes is abandoned up to the
    next `start` (or `end`). Both are counted in `dropped`, the framing of good frames is not.
    """

    def __init__(self, *, end: bytes, start: bytes = b"", limit: int = 512) -> None:
        self._start, self._end, self._limit = start, end, limit
        self._rest = b""
        self._torn = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        *closed, rest = (self._rest + data).split(self._end)
        frames = [text for chunk in closed if (text := self._payload(chunk)) is not None]
        self._rest = self._kept(rest)
        return frames

    @property
    def held(self) -> int:
        """Bytes of a frame that has begun; never more than a longest frame."""
        return len(self._rest)

    @property
    def partial(self) -> bool:
        return bool(self._rest)

    def flush(self) -> None:
        """The line fell silent in the middle of a frame: what came of it is noise, and so is its
        other half if that comes after all. Half a code must not pass for a whole one."""
        self.dropped += len(self._rest)
        self._torn = self._torn or (not self._start and _legible(self._rest))
        self._rest = b""

    def _payload(self, chunk: bytes) -> bytes | None:
        noise, opened, text = chunk.rpartition(self._start) if self._start else (b"", b"", chunk)
        torn = self._torn or (self._start != opened) or len(text) > self._limit
        self._torn = False
        self.dropped += len(chunk) + len(self._end) if torn else len(noise)
        return None if torn else text

    def _kept(self, rest: bytes) -> bytes:
        """What may still become a frame: at most one payload, its start and a part of its end."""
        _, opened, text = rest.rpartition(self._start) if self._start else (b"", b"", rest)
        if opened == self._start and len(text) < self._limit + len(self._end):
            kept = opened + text
        else:
            self._torn = not self._start and (self._torn or bool(rest))
            kept = _beginning(rest, self._start or self._end)
        self.dropped += len(rest) - len(kept)
        return kept


def _legible(data: bytes) -> bool:
    """Not the odd zero of a plug or the line feed after a carriage return."""
    text = data.strip(b"\r\n\0").decode("ascii", "replace")
    return bool(text) and text.isascii() and text.isprintable()


def _beginning(data: bytes, mark: bytes) -> bytes:
    """The longest end of `data` that `mark` may begin with."""
    sizes = range(min(len(data), len(mark) - 1), 0, -1)
    return next((data[-size:] for size in sizes if mark.startswith(data[-size:])), b"")
