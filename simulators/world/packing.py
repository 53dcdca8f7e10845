"""The merge's infeed lanes, and the pack line: scanner, in-motion scale, one applicator stop."""

from collections import deque
from collections.abc import Callable

from simulators.world.goods import Carton, Sticker
from simulators.world.scene import Scene

Onward = Callable[[Carton], None]


class Infeed:
    """Lanes in front of the merge. Its PLC says which lane's front carton goes."""

    def __init__(self, scene: Scene, line: "PackLine") -> None:
        self._scene, self._line = scene, line
        self.lanes: dict[str, deque[Carton]] = {
            lane: deque() for lane in scene.given.numbers.merge.lanes
        }

    def fits(self, lane: str) -> bool:
        return len(self.lanes[lane]) < self._scene.given.numbers.merge.lanes[lane]

    def put(self, carton: Carton, lane: str) -> None:
        self._scene.put(carton, f"merge:{lane}")
        self._scene.saw("on merge lane", carton, lane=lane)
        self.lanes[lane].append(carton)
        self._tell(lane)

    def release(self, lane: str) -> None:
        if self.lanes.get(lane) and self._line.clear:
            carton = self.lanes[lane].popleft()
            self._tell(lane)
            self._line.approach(carton)

    def lift(self, carton: Carton) -> None:
        for lane, cartons in self.lanes.items():
            if carton in cartons:
                cartons.remove(carton)
                self._tell(lane)

    def standing(self) -> None:
        for lane in self.lanes:
            self._tell(lane)

    def _tell(self, lane: str) -> None:
        scene = self._scene
        waiting, full = len(self.lanes[lane]), not self.fits(lane)
        scene.tell(scene.given.stations.merge, "infeed", lane=lane, waiting=waiting, full=full)


class PackLine:
    """At most one carton on its way to the scanner, and one between scanner and stop.

    The applicator reads what it is about to stick: a label that names another carton than the one
    in front of it goes to waste. A carton without a legible plate takes any.
    """

    def __init__(self, scene: Scene, onward: Onward) -> None:
        self._scene, self._onward = scene, onward
        self._numbers = scene.given.numbers.pack
        self._coming: Carton | None = None
        self._waits_at_scanner = False
        self._station: Carton | None = None
        self._stopped = False
        self._pad: Sticker | None = None

    @property
    def clear(self) -> bool:
        return self._coming is None

    def approach(self, carton: Carton) -> None:
        scene = self._scene
        scene.put(carton, "pack")
        self._coming, self._waits_at_scanner = carton, False
        self.standing()
        scene.later(carton, scene.quick(scene.given.numbers.merge.to_scanner), self._arrive)

    def standing(self) -> None:
        self._scene.tell(self._scene.given.stations.merge, "clear", clear=self.clear)

    def _arrive(self, carton: Carton) -> None:
        self._waits_at_scanner = True
        self._enter()

    def _enter(self) -> None:
        if self._coming is None or not self._waits_at_scanner or self._station is not None:
            return
        carton, scene = self._coming, self._scene
        self._coming, self._station, self._stopped = None, carton, False
        self.standing()
        codes = carton.codes()
        scene.saw("pack scanner", carton, codes=codes)
        scene.tell(scene.given.stations.pack_scanner, "read", codes=codes, trigger=None)
        scene.later(carton, self._numbers.scanner_to_scale, self._weigh)

    def _weigh(self, carton: Carton) -> None:
        scene = self._scene
        grams = scene.goods.grams(carton)
        scene.saw("weighed", carton, grams=grams)
        scene.tell(scene.given.stations.scale, "weight", grams=grams, stable=True)
        scene.later(carton, self._numbers.scale_to_stop, self._stop)

    def _stop(self, carton: Carton) -> None:
        self._stopped = True
        if self._pad is not None:
            self._apply(carton)
        elif carton.ships:
            self._leave(carton)
        else:
            self._scene.later(carton, self._numbers.label_within, self._give_up)

    def _give_up(self, carton: Carton) -> None:
        self._scene.saw("no label came", carton)
        self._leave(carton)

    def label(self, sticker: Sticker) -> None:
        """A label came out of the line's printer: onto the pad while a carton is there."""
        carton = self._station
        if carton is None or (carton.readable and not sticker.names(carton.lpn)):
            self._scene.saw("label wasted", words=list(sticker.words))
            return
        self._pad = sticker
        if self._stopped:
            self._apply(carton)

    def _apply(self, carton: Carton) -> None:
        carton.sticker, self._pad = self._pad, None
        carton.moves += 1  # the wait for a label is over
        self._scene.saw(
            "labelled", carton, codes=list(carton.sticker.codes if carton.sticker else ())
        )
        self._scene.later(carton, self._numbers.apply, self._leave)

    def _leave(self, carton: Carton) -> None:
        self._station = None
        if self._pad is not None:
            self._scene.saw("label wasted", words=list(self._pad.words))
            self._pad = None
        self._scene.put(carton, "belt")
        self._scene.later(carton, self._scene.quick(self._numbers.to_eye), self._onward)
        self._enter()

    def lift(self, carton: Carton) -> None:
        if carton is self._coming:
            self._coming = None
            self.standing()
        if carton is self._station:
            self._station = self._pad = None
            self._enter()
