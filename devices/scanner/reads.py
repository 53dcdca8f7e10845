"""Bytes of a scanner in, reads out: frames, what they say, and how much of the line was noise."""

from devices.map.schema import Scanner
from devices.scanner.dialect import Dialect
from devices.scanner.payload import Beat, Read, parse


class Reads:
    def __init__(self, config: Scanner, dialect: Dialect) -> None:
        self._config, self._dialect = config, dialect
        self._illegible = 0

    def feed(self, data: bytes) -> list[tuple[str, Read | Beat]]:
        """Each good frame as it came, without its marks, and what it says."""
        found = []
        for payload in self._dialect.feed(data):
            if (said := parse(payload, self._config)) is None:
                self._illegible += len(payload)
                self._dialect.answer(None)
            else:
                found.append((payload.decode(self._config.payload.encoding), said))
        return found

    @property
    def noise(self) -> int:
        """Bytes that belong to no frame that we understand, so far."""
        return self._dialect.dropped + self._illegible
