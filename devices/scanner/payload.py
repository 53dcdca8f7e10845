"""What a frame of a scanner says: the beat of its heart, a read, a no-read, or nothing we know."""

from dataclasses import dataclass

from devices.map.schema import Payload, Scanner
from devices.scanner.gs1 import GS
from devices.scanner.marking import codes_of
from devices.scanner.scan import Scan, Way, read
from wcs.names import Barcode


@dataclass(frozen=True, slots=True)
class Beat:
    pass


@dataclass(frozen=True, slots=True)
class Read:
    """No codes: something passed and nothing was legible."""

    codes: tuple[Barcode, ...]
    """What rules look up."""
    trigger: int | None = None
    scans: tuple[Scan, ...] = ()
    """What the codes say, unless they are taken as they stand."""

    @property
    def sent(self) -> tuple[str, ...]:
        """As the scanner sent them: two of one GTIN differ by their serial numbers."""
        return tuple(scan.raw for scan in self.scans) or self.codes


def parse(payload: bytes, config: Scanner) -> Beat | Read | None:
    """None: not of the form or the encoding that the map declares, or not printable; line noise."""
    try:
        text = payload.decode(config.payload.encoding).strip("\r\n")
    except UnicodeDecodeError:
        return None
    if not text or not _printable(text, config.payload.gs):
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
            if not (part.isascii() and part.isdecimal()):
                return None
            trigger = int(part)
    found = [part.strip() for part in parts]
    return _said([part for part in found if part and part not in config.no_read], trigger, config)


def _said(parts: list[str], trigger: int | None, config: Scanner) -> Read:
    way, payload = way_of(config.payload), config.payload
    if way == "plain":
        return Read(tuple(map(Barcode, parts)), trigger)
    identified = payload.aim_identifier == "required"
    texts = [part.replace(payload.gs, GS) for part in parts] if payload.gs else parts
    scans = tuple(read(text, way, identified=identified) for text in texts)
    return Read(codes_of(scans), trigger, scans)


def _printable(text: str, gs: str) -> bool:
    """But for the separators, as the scanner sends them."""
    return text.replace(GS, "").replace(gs, "").isprintable()


def way_of(payload: Payload) -> Way:
    return payload.parse or ("auto" if payload.aim_identifier == "required" else "plain")
