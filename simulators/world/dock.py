"""Lanes to the doors are emptied by a loader; much later a truck takes what stands there."""

from simulators.world.goods import Carton
from simulators.world.scene import Scene
from simulators.world.sorting import Lanes
from simulators.world.stage import Act, Until


class Dock:
    """Cartons at a door stay within reach until their truck leaves: one that is wanted back
    (`wanted`: plates with an open pull) is never loaded."""

    def __init__(self, scene: Scene, lanes: Lanes) -> None:
        self._scene, self._lanes = scene, lanes
        self.wanted: set[str] = set()
        for lane in scene.given.numbers.sorter.doors:
            scene.stage.play(self._loader(lane))

    def _loader(self, lane: str) -> Act:
        numbers, scene = self._scene.given.numbers.loader, self._scene
        while True:
            break_at = scene.stage.now + scene.quick(numbers.works)
            while scene.stage.now < break_at:
                yield Until(lambda: self._lanes.front(lane) is not None)
                yield from self._take_front(lane)
            yield scene.quick(numbers.rests)

    def _take_front(self, lane: str) -> Act:
        numbers, scene = self._scene.given.numbers.loader, self._scene
        carton = self._lanes.front(lane)
        if carton is None:
            return
        ripe_at = carton.since + scene.quick(numbers.after)
        if ripe_at > scene.stage.now:
            yield ripe_at - scene.stage.now
        yield scene.quick(numbers.each)
        if self._lanes.front(lane) is carton and carton.lpn not in self.wanted:
            self._load(carton, lane)

    def _load(self, carton: Carton, lane: str) -> None:
        scene, door = self._scene, self._scene.given.numbers.sorter.doors[lane]
        self._lanes.lift(carton)
        scene.put(carton, f"door:{door}")
        scene.saw("on the dock", carton, door=door)
        scene.later(carton, scene.quick(scene.given.numbers.truck_after), self._drive_off)

    def _drive_off(self, carton: Carton) -> None:
        scene = self._scene
        if carton.lpn in self.wanted:
            scene.later(carton, scene.quick(scene.given.numbers.truck_after), self._drive_off)
            return
        door = carton.place.removeprefix("door:")
        scene.put(carton, f"truck:{door}")
        scene.saw("left", carton, door=door)

    def depart(self) -> int:
        """All trucks leave now with what stands at their doors."""
        there = [c for c in self._scene.goods.cartons.values() if c.place.startswith("door:")]
        for carton in there:
            self._drive_off(carton)
        return len(there)
