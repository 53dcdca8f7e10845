"""What a scanner on USB says, by the form of its reports. It is told nothing."""

from devices.map.schema import Framing, Hid, Scanner
from devices.scanner.dialect import Dialect, Plain
from devices.scanner.keyboard import UNKNOWN, BootReports, Events, Records, Typist
from devices.scanner.payload import way_of
from devices.scanner.pos import PosReports


class Keys(Plain):
    """What is typed is a line like any other; a character that the encoding lacks makes its code
    illegible."""

    def __init__(self, framing: Framing, records: Records, encoding: str) -> None:
        super().__init__(framing, "none")
        self._records, self._encoding = records, encoding

    def feed(self, data: bytes) -> list[bytes]:
        typed = self._records.feed(data)
        return super().feed(b"".join(self._encoded(one) for one in typed))

    def _encoded(self, character: str) -> bytes:
        try:
            return character.encode(self._encoding)
        except UnicodeEncodeError:
            return UNKNOWN.encode()


def dialect(config: Scanner, connection: Hid) -> Dialect:
    if connection.reports == "pos":
        identified = way_of(config.payload) != "plain"
        return PosReports(config.framing.max_length, identified=identified)
    typist = Typist(connection.layout)
    records = Events(typist) if connection.reports == "events" else BootReports(typist)
    return Keys(config.framing, records, config.payload.encoding)
