"""The person at the counter: counts shelves, pulls cartons out of lanes, searches for lost ones."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from simulators.world.dock import Dock
from simulators.world.goods import Carton
from simulators.world.handover import RACK
from simulators.world.hospital import HERE, TABLE
from simulators.world.person import Errand, Screen
from simulators.world.scene import Scene
from simulators.world.stage import Act, Answer

HIDDEN: Final = "hidden"
"""Under a conveyor: who searches finds it."""
GONE: Final = "gone"
DONE_FOR_S: Final = 10.0
"""An errand that is still shown so long after it was done is done again."""
REMEMBERED: Final = 200
WITHIN_REACH: Final = ("lane:", "door:", "vehicle:", RACK, HIDDEN)
IN_HOSPITAL: Final = (TABLE, HERE, "lane:3")
LOST: Final = ("truck:", "folded", GONE)


class Desk:
    """`carry` lifts a carton off wherever it is and brings it to the hospital table."""

    def __init__(
        self,
        scene: Scene,
        dock: Dock,
        carry: Callable[[Carton], None],
        repair: Callable[[str], None],
        screen: Screen,
    ) -> None:
        self._scene, self._dock, self._screen = scene, dock, screen
        self._carry, self._repair = carry, repair
        self._numbers, self._station = scene.given.numbers.people, scene.given.stations.desk
        self._done: OrderedDict[str, float] = OrderedDict()

    def shift(self) -> Act:
        while True:
            errands: list[Errand] = yield from self._screen.look(self._station)
            self._dock.wanted = {each.subject for each in errands if each.kind == "pull"}
            for errand in errands:
                if self._is_fresh(errand) and (yield from self._run(errand)):
                    self._remember(errand)
            yield self._numbers.look_again

    def _is_fresh(self, errand: Errand) -> bool:
        return self._done.get(errand.key, -DONE_FOR_S) + DONE_FOR_S <= self._scene.stage.now

    def _remember(self, errand: Errand) -> None:
        self._done[errand.key] = self._scene.stage.now
        self._done.move_to_end(errand.key)
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)

    def _run(self, errand: Errand) -> Act:
        """True when there was something to do."""
        match errand.kind:
            case "count":
                return (yield from self._count(errand))
            case "pull" | "search":
                return (yield from self._fetch(errand))
            case "ask_short":
                body = {"decision": "ship_partial"}
                return (yield from self._say(f"/api/orders/{errand.subject}/short", body))
            case "printer":
                yield self._scene.quick(self._numbers.errand_walk)
                self._repair(errand.subject)
                return True
            case _:
                return False

    def _count(self, errand: Errand) -> Act:
        yield self._scene.quick(self._numbers.errand_walk)
        there = self._scene.goods.shelf[errand.location, errand.sku]
        self._scene.saw("counted", location=errand.location, sku=errand.sku, qty=there)
        body = {"location": errand.location, "sku": errand.sku, "qty": there}
        return (yield from self._say("/api/counts", body))

    def _fetch(self, errand: Errand) -> Act:
        """A carton that still rides or is in somebody's hands is left alone: it will turn up. One
        that nobody wants any more, as the screen says by then, stays where it is."""
        yield self._scene.quick(self._numbers.errand_walk)
        carton = self._scene.goods.cartons.get(errand.subject)
        if carton is None or carton.place.startswith(LOST):
            return (yield from self._not_there(errand))
        if carton.place in IN_HOSPITAL:
            return (yield from self._report(errand))
        if not carton.place.startswith(WITHIN_REACH):
            return False
        told = yield from self._report(errand)
        if told and carton.place.startswith(WITHIN_REACH):
            self._bring(carton)
        return told

    def _bring(self, carton: Carton) -> None:
        self._scene.saw("carried to the hospital", carton, found=carton.place)
        self._carry(carton)

    def _report(self, errand: Errand) -> Act:
        word = "pulled" if errand.kind == "pull" else "found"
        return (yield from self._say(f"/api/cartons/{errand.subject}/{word}", {}))

    def _not_there(self, errand: Errand) -> Act:
        if errand.kind == "pull":
            return False
        self._scene.saw("declared lost", errand=errand.subject)
        return (yield from self._say(f"/api/cartons/{errand.subject}/lost", {}))

    def _say(self, path: str, body: dict[str, Any]) -> Act:
        answer: Answer = yield from self._screen.say(path, body)
        return answer.ok
