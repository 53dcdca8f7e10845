"""What people of the floor share: a hand scanner, and a screen that may be silent for a while."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from simulators.world.scene import Scene
from simulators.world.stage import Act, Answer, Ask, Until


@dataclass(slots=True)
class HandScanner:
    """`heard` is the last tone since the trigger was pulled; None while there was none."""

    device: str
    heard: bool | None = None

    def tone(self, good: bool) -> None:
        self.heard = good


@dataclass(frozen=True, slots=True)
class Errand:
    key: str
    kind: str
    subject: str
    remedy: str
    sku: str
    location: str
    qty: int


@dataclass(slots=True)
class Screen:
    """The gateway's work page as one person uses it: what fails is simply tried again."""

    scene: Scene
    run: str
    """Makes idempotency keys unique over runs."""
    who: str
    ordinals: Iterator[int] = field(default_factory=count)

    def look(self, station: str) -> Act:
        """The errands of a station, as soon as somebody answers."""
        page: Answer = yield from self._page(station)
        return [_errand(each) for each in page.body.get("errands", ())]

    def task(self, station: str) -> Act:
        page: Answer = yield from self._page(station)
        return page.body.get("task") or {}

    def _page(self, station: str) -> Act:
        while True:
            answer: Answer = yield Ask("GET", f"/api/work/{station}")
            if answer.ok:
                return answer
            yield self.scene.given.numbers.people.look_again

    def say(self, path: str, body: dict[str, Any]) -> Act:
        """Until there is a final answer, which is returned."""
        key = f"{self.run}:{self.who}:{next(self.ordinals)}"
        while True:
            answer: Answer = yield Ask("POST", path, body, key)
            if answer.final:
                status, why = answer.status, answer.why
                self.scene.saw("said", path=path, body=body, status=status, why=why)
                return answer
            yield self.scene.given.numbers.people.look_again


def scan(scene: Scene, hand: HandScanner, code: str) -> Act:
    """Aims, pulls the trigger and listens: True, False, or None when no tone came."""
    numbers = scene.given.numbers.people
    yield scene.quick(numbers.scan)
    hand.heard = None
    pulled = scene.stage.now
    scene.tell(hand.device, "trigger", code=code)
    yield Until(lambda: hand.heard is not None, numbers.rescan_after)
    after_s = round(scene.stage.now - pulled, 4)
    scene.saw("tone", device=hand.device, code=code, good=hand.heard, after_s=after_s)
    return hand.heard


def _errand(row: dict[str, Any]) -> Errand:
    return Errand(
        key=row["key"],
        kind=row["kind"],
        subject=row["subject"],
        remedy=row.get("remedy") or "",
        sku=row.get("sku") or "",
        location=row.get("location") or "",
        qty=row.get("qty") or 0,
    )
