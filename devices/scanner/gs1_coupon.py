"""North American coupon codes, AI 8110 and 8112: fields one after another, each with its length.

GS1 US, North American Coupon Application Guideline; positive offer file for 8112.
"""

from collections.abc import Callable

from devices.scanner.gs1_checks import numeric, yymmdd


class _Wrong(Exception):
    """A field cannot be read; ends the reading of this code and never leaves this file."""


class _Fields:
    def __init__(self, text: str) -> None:
        self._rest = text

    def take(self, size: int, name: str) -> str:
        taken, self._rest = self._rest[:size], self._rest[size:]
        if len(taken) < size:
            raise _Wrong(f"{name} is cut short" if taken else f"{name} is missing")
        return taken

    def one_of(self, choices: str, name: str) -> str:
        code = self.take(1, name)
        if code not in choices:
            raise _Wrong(f"{name} {code} is not one of {choices}")
        return code

    def sized(self, lengths: str, name: str, *, more: int = 0) -> str:
        """A digit, then as many characters as it says, and `more`."""
        return self.take(int(self.one_of(lengths, f"length of {name}")) + more, name)

    def date(self, name: str) -> str:
        day = self.take(6, name)
        if problem := yymmdd(day):
            raise _Wrong(f"{name}: {problem}")
        return day

    def skip(self, mark: str) -> bool:
        """An optional field is there when its mark is."""
        here = self._rest.startswith(mark)
        self._rest = self._rest[here:]
        return here

    def end(self) -> None:
        if self._rest:
            raise _Wrong(f"{self._rest} is left over")


def coupon(value: str) -> str:
    return numeric(value) or _read(value, _coupon)


def positive_offer(value: str) -> str:
    return numeric(value) or _read(value, _positive_offer)


def _read(value: str, fields: Callable[[_Fields], None]) -> str:
    try:
        fields(_Fields(value))
    except _Wrong as wrong:
        return f"coupon: {wrong}"
    return ""


def _coupon(fields: _Fields) -> None:
    fields.sized("0123456", "company prefix", more=6)
    fields.take(6, "offer code")
    fields.sized("12345", "save value")
    _purchase(fields, "first")
    if fields.skip("1"):
        fields.one_of("0123", "rule of further purchases")
        _purchase(fields, "second", company=True)
    if fields.skip("2"):
        _purchase(fields, "third", company=True)
    _dates(fields)
    if fields.skip("5"):
        fields.sized("0123456789", "serial number", more=6)
    if fields.skip("6"):
        fields.sized("1234567", "retailer", more=6)
    if fields.skip("9"):
        fields.one_of("01256", "save value code")
        fields.one_of("012", "item of the save value")
        fields.take(1, "store coupon flag")
        fields.one_of("01", "do not multiply flag")
    fields.end()


def _purchase(fields: _Fields, which: str, *, company: bool = False) -> None:
    fields.sized("12345", f"{which} purchase")
    fields.one_of("012349", f"code of the {which} purchase")
    fields.take(3, f"family of the {which} purchase")
    if company and not fields.skip("9"):
        fields.sized("0123456", f"company prefix of the {which} purchase", more=6)


def _dates(fields: _Fields) -> None:
    expires = fields.date("expiry") if fields.skip("3") else ""
    starts = fields.date("start") if fields.skip("4") else ""
    if expires and starts and expires < starts:
        raise _Wrong("expires before it starts")


def _positive_offer(fields: _Fields) -> None:
    fields.one_of("01", "format")
    fields.sized("0123456", "funder", more=6)
    fields.take(6, "offer code")
    fields.sized("0123456789", "serial number", more=6)
    fields.end()
