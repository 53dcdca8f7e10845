"""What a frame of a scanner says: the beat of its heart, a read, a no-read, or nothing we know."""

from dataclasses import dataclass

from devices.map.schema import Scanner
from wcs.names import Barcode

GS = "\x1d"  # separates GS1 elements inside a code


@dataclass(frozen=True, slots=True)
class Beat:
    pass


@dataclass(frozen=True, slots=True)
class Read:
    """No codes: something passed and nothing was legible."""

    codes: tuple[Barcode, ...]
    trigger: int | None = None


def parse(payload: bytes, config: Scanner) -> Beat | Read | None:
    """None: not of the form that the map declares, or not printable; line noise."""
    text = payload.decode("ascii", "replace").strip("\r\n")
    if not text or not text.replace(GS, "").isprintable() or not text.isascii():
        return None
    if config.heartbeat and text == config.heartbeat.match:
        return Beat()
    separator = config.framing.separator
    parts = text.split(separator) if separator else [text]
    return _read(parts, config)


def _read(parts: list[str], config: Scanner) -> Read | None:
    trigger: int | None = None
    for field in config.fields:
        if field == "codes":
            break
        if not parts:
            return None
        part = parts.pop(0)
        if field == "trigger":
            if not part.isdecimal():
                return None
            trigger = int(part)
    found = (part.strip() for part in parts)
    codes = tuple(Barcode(part) for part in found if part and part not in config.no_read)
    return Read(codes, trigger)
