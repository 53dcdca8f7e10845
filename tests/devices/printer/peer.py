"""A printer made by hand: it prints only when told to, so that a test sees what waits."""

import re

from tests.devices.peers import TcpPeer

PART = re.compile(
    rb'(?P<label>\^XA.*?\^XZ)|setvar "device.user_(?P<set>p1|p2)" "(?P<value>[^"]*)"\r\n'
    rb'|getvar "device.user_(?P<get>p1|p2)"\r\n|(?P<status>~HS)|(?P<cancel>~JX)',
    re.DOTALL,
)


class HandPrinter(TcpPeer):
    """ahead: it sets its variables when it reads them, not when the paper has come so far."""

    def __init__(self, last: str = "", *, prints: bool = True, ahead: bool = False) -> None:
        super().__init__(self._answer)
        self.vars = {"p1": last, "p2": last}
        self.prints, self.paper, self.mute, self.deaf = prints, True, False, False
        self.remembers = True
        self.flags: dict[str, int] = {}
        self.printed: list[str] = []
        self._ahead, self._rest, self.partial = ahead, b"", False
        self._queue: list[tuple[str, str]] = []
        self.bytes_left: int | None = None
        """The line breaks when it has got so many."""
        self.parts_left: int | None = None
        """The power goes when it has done so many: a name, a label, a name."""
        self.looks_left: int | None = None
        """Somebody puts a roll in when it has said so often that it has no paper."""
        self.deaths = 0

    @property
    def waits(self) -> int:
        return sum(kind == "label" for kind, _ in self._queue)

    def print_all(self) -> None:
        while self._queue and self._goes_on():
            self._do(*self._queue.pop(0))

    def _do(self, kind: str, text: str) -> None:
        if kind == "label":
            self.printed.append(text)
        else:
            self.vars[kind] = text

    def _goes_on(self) -> bool:
        if self.parts_left is None:
            return True
        self.parts_left -= 1
        if self.parts_left < 0:
            self.parts_left = None
            self.loses_power()
            return False
        return True

    def loses_power(self) -> None:
        """What waits is gone; the variables stay."""
        self._queue.clear()
        self._rest = b""
        self.deaths += 1
        self.hang_up()

    def _answer(self, data: bytes) -> bytes:
        if self.deaf:
            return b""
        if self.bytes_left is not None:
            data, self.bytes_left = data[: self.bytes_left], self.bytes_left - len(data)
            if self.bytes_left < 0:
                self.bytes_left = None
                answer = self._heard(data)
                self._rest = b""
                self.hang_up()
                return answer
        return self._heard(data)

    def _heard(self, data: bytes) -> bytes:
        answer, end, deaths = b"", 0, self.deaths
        self._rest += data
        for part in PART.finditer(self._rest):
            end = part.end()
            answer += self._take(part)
            if self.prints and self.paper:
                self.print_all()
            if self.deaths > deaths:
                return b""
        self._rest = self._rest[end:]
        return answer

    def _take(self, part: re.Match[bytes]) -> bytes:
        if part["get"]:
            if not self.remembers:
                return b""
            return f'"{self.vars[part["get"].decode()]}"'.encode()
        if part["status"]:
            return b"" if self.mute else self._status()
        if part["cancel"]:
            self.partial = False
        elif part["label"]:
            self._queue.append(("label", part["label"].decode()))
        elif self._ahead:
            self.vars[part["set"].decode()] = part["value"].decode()
        else:
            self._queue.append((part["set"].decode(), part["value"].decode()))
            while self._queue and self._queue[0][0] != "label" and self._goes_on():
                self._do(*self._queue.pop(0))
        return b""

    def _status(self) -> bytes:
        if self.looks_left is not None and not self.paper:
            self.looks_left -= 1
            self.paper = self.looks_left < 0
        flag = {"paper": not self.paper, "partial": self.partial, **self.flags}
        p, h = int(flag["paper"]), int(flag["partial"])
        pause, head, ribbon = (flag.get(name, 0) for name in ("pause", "head", "ribbon"))
        return (
            f"\x02030,{p},{pause},1245,{self.waits:03},0,0,{h},000,0,0,0\x03\r\n"
            f"\x02000,0,{head},{ribbon},0,2,4,0,00000000,1,000\x03\r\n"
            "\x021234,0\x03\r\n"
        ).encode()
