"""What is spoken on the line of a scanner: how its bytes become codes, and what it is told."""

from typing import Final, Protocol

from devices.map.schema import Framing, Hid, Scanner
from devices.scanner.framing import Frames

TONES: Final[dict[str, tuple[bytes, bytes]]] = {
    # Datalogic PowerScan PD/PM96xx product reference, "LED and beeper control", p. 304: good read
    # tone ESC [3q, bad tone ESC [4q; green on ESC [6q, red on ESC [8q, out by themselves
    "datalogic-escape": (b"\x1b[3q\x1b[6q", b"\x1b[4q\x1b[8q"),
    # Honeywell (Hand Held Products) 2020 user's guide, "Host Escape Commands", p. 2-13: ESC 7 as
    # a decode that the host has, ESC 8 as one that it has not
    "honeywell": (b"\x1b7", b"\x1b8"),
    "none": (b"", b""),
}
"""Good and bad, by the style of the map; `zebra-ssi` has packets of its own."""


class Dialect(Protocol):
    """A plain object that never sees the line."""

    @property
    def dropped(self) -> int:
        """Bytes so far that belong to no code."""

    @property
    def partial(self) -> bool:
        """A code has begun and not ended."""

    def feed(self, data: bytes) -> list[bytes]:
        """The codes that are whole now."""

    def flush(self) -> None:
        """The line fell silent in the middle of a code: half a code is no code."""

    def answer(self, good: bool | None) -> None:
        """What the transaction says of the code fed last; None: nothing that the operator may
        hear."""

    def owed(self) -> bytes:
        """To be sent now; each once."""


class Plain:
    """Text between marks; every answer is a tone, and nothing else is ever said."""

    def __init__(self, framing: Framing, style: str) -> None:
        self._frames = Frames(
            start=framing.start.encode("latin-1"),
            end=framing.end.encode("latin-1"),
            limit=framing.max_length,
        )
        self._good, self._bad = TONES[style]
        self._owed = b""

    @property
    def dropped(self) -> int:
        return self._frames.dropped

    @property
    def partial(self) -> bool:
        return self._frames.partial

    def feed(self, data: bytes) -> list[bytes]:
        return self._frames.feed(data)

    def flush(self) -> None:
        self._frames.flush()

    def answer(self, good: bool | None) -> None:
        if good is not None:
            self._owed += self._good if good else self._bad

    def owed(self) -> bytes:
        owed, self._owed = self._owed, b""
        return owed


def dialect_of(config: Scanner, connection: object) -> Dialect:
    if isinstance(connection, Hid):
        from devices.scanner.hid import dialect

        return dialect(config, connection)
    if config.framing.packets == "zebra-ssi":
        from devices.scanner.ssi import Ssi

        return Ssi(config.framing.max_length, speaks=config.feedback.style == "zebra-ssi")
    return Plain(config.framing, config.feedback.style)
