"""Bytes of a scanner in, reads out: frames, what they say, and how much of the line was noise."""

from devices.map.schema import Scanner
from devices.scanner.framing import Frames
from devices.scanner.payload import Beat, Read, parse


class Reads:
    def __init__(self, config: Scanner) -> None:
        framing = config.framing
        self._config = config
        self._frames = Frames(
            start=framing.start.encode(), end=framing.end.encode(), limit=framing.max_length
        )
        self._illegible = 0

    def feed(self, data: bytes) -> list[tuple[str, Read | Beat]]:
        """Each good frame as it came, without its marks, and what it says."""
        found = []
        for payload in self._frames.feed(data):
            if (said := parse(payload, self._config)) is None:
                self._illegible += len(payload)
            else:
                found.append((payload.decode("ascii"), said))
        return found

    def flush(self) -> None:
        """The line fell silent in the middle of a frame."""
        self._frames.flush()

    @property
    def partial(self) -> bool:
        """A frame has begun and not ended."""
        return self._frames.partial

    @property
    def noise(self) -> int:
        """Bytes that belong to no frame that we understand, so far."""
        return self._frames.dropped + self._illegible
