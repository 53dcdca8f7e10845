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
        self.flags: dict[str, int] = {}
        self.printed: list[str] = []
        self._ahead, self._rest, self.partial = ahead, b"", False
        self._queue: list[tuple[str, str]] = []

    @property
    def waits(self) -> int:
        return sum(kind == "label" for kind, _ in self._queue)

    def print_all(self) -> None:
        for kind, text in self._queue:
            if kind == "label":
                self.printed.append(text)
            else:
                self.vars[kind] = text
        self._queue.clear()

    def loses_power(self) -> None:
        """What waits is gone; the variables stay."""
        self._queue.clear()
        self._rest = b""
        self.hang_up()

    def _answer(self, data: bytes) -> bytes:
        if self.deaf:
            return b""
        answer, end = b"", 0
        self._rest += data
        for part in PART.finditer(self._rest):
            end = part.end()
            answer += self._take(part)
            if self.prints and self.paper:
                self.print_all()
        self._rest = self._rest[end:]
        return answer

    def _take(self, part: re.Match[bytes]) -> bytes:
        if part["get"]:
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
            while self._queue and self._queue[0][0] != "label":
                self.vars.update([self._queue.pop(0)])
        return b""

    def _status(self) -> bytes:
        flag = {"paper": not self.paper, "partial": self.partial, **self.flags}
        p, h = int(flag["paper"]), int(flag["partial"])
        pause, head, ribbon = (flag.get(name, 0) for name in ("pause", "head", "ribbon"))
        return (
            f"\x02030,{p},{pause},1245,{self.waits:03},0,0,{h},000,0,0,0\x03\r\n"
            f"\x02000,0,{head},{ribbon},0,2,4,0,00000000,1,000\x03\r\n"
            "\x021234,0\x03\r\n"
        ).encode()
