"""The staff's phones: questions go over the bus to the process that speaks HTTP for them."""

from collections.abc import Callable
from itertools import count
from typing import Final

from simulators.bus import Message, fact
from simulators.world.scene import Tell
from simulators.world.stage import Answer, Ask

PEOPLE: Final = "people"
NOBODY: Final = Answer(0, {})


class Phones:
    """Every question gets an answer: `NOBODY` when the phones are off or go dead."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._numbers = tell, count(1)
        self._open: dict[int, Callable[[Answer], None]] = {}
        self._on = False

    def ask(self, question: Ask, answered: Callable[[Answer], None]) -> None:
        if not self._on:
            answered(NOBODY)
            return
        number = next(self._numbers)
        self._open[number] = answered
        asked = {"method": question.method, "path": question.path, "body": question.body}
        self._tell(PEOPLE, fact("ask", n=number, key=question.key, **asked))

    def answer(self, act: Message) -> None:
        if answered := self._open.pop(act["n"], None):
            answered(Answer(act["status"], act["body"]))

    def switch(self, on: bool) -> None:
        self._on = on
        while not on and self._open:
            self._open.popitem()[1](NOBODY)
