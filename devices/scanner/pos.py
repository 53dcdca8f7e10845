"""A USB bar code scanner (HID POS): the reports of 64 bytes that a code comes in.

HID Point of Sale Usage Tables 1.02; the layout that Honeywell (USB Interfaces User's Guide 2020-5B,
p. 1-11), Access-IS (LSR118 product manual, appendix B.1) and others share: report id 2, length of
the data, AIM identifier of three bytes, 56 bytes of data, the maker's own symbology, one reserved,
and bit 0 of the last byte when the code goes on in the next report.
"""

from typing import Final

REPORT_ID: Final = 2
SIZE, DATA, AIM = 64, slice(5, 61), slice(2, 5)
GOES_ON: Final = 0x01


class PosReports:
    """Whole codes; what is not such a report is dropped.

    limit: bytes of a code, the identifier left out. identified: with their AIM identifier, which
    stands apart from the code in each report.
    """

    def __init__(self, limit: int, *, identified: bool = True) -> None:
        self._limit, self._identified = limit, identified
        self._rest, self._code, self._torn = b"", b"", False
        self.dropped = 0

    @property
    def partial(self) -> bool:
        return bool(self._rest or self._code or self._torn)

    def feed(self, data: bytes) -> list[bytes]:
        self._rest += data
        codes = []
        while len(self._rest) >= SIZE:
            if self._rest[0] != REPORT_ID or self._rest[1] > DATA.stop - DATA.start:
                self._drop(1)
                continue
            report, self._rest = self._rest[:SIZE], self._rest[SIZE:]
            codes += self._take(report)
        return codes

    def flush(self) -> None:
        self.dropped += len(self._rest) + len(self._code)
        self._rest, self._code, self._torn = b"", b"", False

    def answer(self, good: bool | None) -> None:
        """It is told nothing."""

    def owed(self) -> bytes:
        return b""

    def _take(self, report: bytes) -> list[bytes]:
        self._code = self._code or report[AIM]
        self._code += report[DATA][: report[1]]
        self._torn = self._torn or len(self._code) - 3 > self._limit
        if report[-1] & GOES_ON:
            if self._torn:
                self._lose()
            return []
        if self._torn:
            self._lose()
            self._torn = False
            return []
        code, self._code = self._code, b""
        return [code.lstrip(b"\0") if self._identified else code[3:]]

    def _lose(self) -> None:
        self.dropped += len(self._code)
        self._code = b""

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._rest = self._rest[count:]
