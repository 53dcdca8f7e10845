"""The sorter loop: induction eye, tunnel, blades, lanes, and round again. Nobody overtakes."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.world.goods import Carton
from simulators.world.scene import Scene

STRAIGHT_ON = "0"


@dataclass(slots=True)
class Lane:
    """`held_full`: something stands in front of the full eye. A carton that was already at the
    blade still fits behind the eye."""

    name: str
    fits: int
    cartons: deque[Carton] = field(default_factory=deque)
    jam: bool = False
    held_full: bool = False

    @property
    def full(self) -> bool:
        return self.held_full or len(self.cartons) >= self.fits

    @property
    def passable(self) -> bool:
        return not self.jam and not self.held_full and len(self.cartons) < self.fits + 2


class Lanes:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.lanes = {name: Lane(name, n) for name, n in scene.given.numbers.sorter.lanes.items()}
        self._told: dict[str, tuple[bool, bool]] = {}

    def enter(self, carton: Carton, name: str) -> None:
        self._scene.put(carton, f"lane:{name}")
        self._scene.saw("in lane", carton, lane=name)
        self.lanes[name].cartons.append(carton)
        self.changed()

    def front(self, name: str) -> Carton | None:
        cartons = self.lanes[name].cartons
        return cartons[0] if cartons else None

    def lift(self, carton: Carton) -> None:
        for lane in self.lanes.values():
            if carton in lane.cartons:
                lane.cartons.remove(carton)
        self.changed()

    def changed(self) -> None:
        for lane in self.lanes.values():
            now = (lane.full, lane.jam)
            if self._told.get(lane.name) != now:
                self._told[lane.name] = now
                self._tell(lane)

    def standing(self) -> None:
        for lane in self.lanes.values():
            self._tell(lane)

    def _tell(self, lane: Lane) -> None:
        sorter = self._scene.given.stations.sorter
        self._scene.tell(sorter, "lane", lane=int(lane.name), full=lane.full, jam=lane.jam)


class Loop:
    """Cartons queue at the eye; the PLC takes each in, and sets the blade when it is there."""

    def __init__(self, scene: Scene, lanes: Lanes) -> None:
        self._scene, self._lanes = scene, lanes
        self._numbers = scene.given.numbers.sorter
        self._queue: deque[Carton] = deque()
        self._shown: Carton | None = None
        self._free_at = 0.0
        self._tracks: dict[int, int] = {}
        self._at_blade: dict[int, Carton] = {}

    def join(self, carton: Carton) -> None:
        self._scene.put(carton, "eye")
        self._queue.append(carton)
        self._show()

    def _show(self) -> None:
        """The eye sees the front carton once the gap to the one before it is long enough."""
        if not self._queue or self._shown is self._queue[0]:
            return
        now = self._scene.stage.now
        if now < self._free_at:
            self._scene.stage.after(self._free_at - now, self._show)
            return
        self._shown = self._queue[0]
        self.standing()

    def standing(self) -> None:
        if self._shown is not None:
            number, length = self._shown.number, self._shown.length_mm
            self._tell("eye", body=number, length_mm=length)

    def induct(self, body: int, track: int) -> None:
        carton = self._shown
        if carton is None or carton.number != body:
            return
        self._queue.popleft()
        self._shown = None
        self._tracks[body] = track
        self._scene.put(carton, "loop")
        self._scene.saw("inducted", carton, track=track)
        self._free_at = self._scene.stage.now + self._numbers.gap
        self._scene.later(carton, self._numbers.eye_to_tunnel, self._read)
        self._show()

    def _read(self, carton: Carton) -> None:
        codes, scene = carton.codes(underside=True), self._scene
        trigger = self._tracks[carton.number]
        scene.saw("tunnel", carton, codes=codes, track=trigger)
        scene.tell(scene.given.stations.tunnel, "read", codes=codes, trigger=trigger)
        scene.later(carton, self._numbers.tunnel_to_blade, self._blade)

    def _blade(self, carton: Carton) -> None:
        self._at_blade[carton.number] = carton
        self._tell("blade", body=carton.number, track=self._tracks[carton.number])
        self._scene.later(
            carton, self._numbers.blade_waits, lambda late: self.divert(late.number, STRAIGHT_ON)
        )

    def divert(self, body: int, lane: str) -> None:
        carton = self._at_blade.pop(body, None)
        if carton is None:
            return
        open_lane = lane in self._lanes.lanes and self._lanes.lanes[lane].passable
        went = lane if open_lane else STRAIGHT_ON
        del self._tracks[body]
        self._scene.put(carton, "loop")
        self._scene.saw("at the blade", carton, asked=lane, went=went)
        self._scene.later(carton, self._numbers.blade_to_lane, self._passed(went))

    def _passed(self, lane: str) -> Callable[[Carton], None]:
        def passed(carton: Carton) -> None:
            self._tell("diverted", body=carton.number, lane=int(lane))
            if lane == STRAIGHT_ON:
                self._round_again(carton)
            else:
                self._lanes.enter(carton, lane)

        return passed

    def _round_again(self, carton: Carton) -> None:
        once = max(self._scene.quick(self._numbers.loop), self._numbers.shortest_loop)
        self._scene.later(carton, once, self.join)

    def lift(self, carton: Carton) -> None:
        if carton in self._queue:
            self._queue.remove(carton)
        if carton is self._shown:
            self._shown = None
            self._show()
        self._at_blade.pop(carton.number, None)
        self._tracks.pop(carton.number, None)

    def _tell(self, name: str, **what: object) -> None:
        self._scene.tell(self._scene.given.stations.sorter, name, **what)
