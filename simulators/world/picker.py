"""The picker: follows lamps and nothing else, as a real one does."""

from simulators.world.goods import Carton
from simulators.world.handover import HANDS, RACK, HandOver
from simulators.world.lamps import Lamp, Lamps
from simulators.world.person import HandScanner, Screen, scan
from simulators.world.scene import Scene
from simulators.world.stage import Act, Until

BOUND_BEFORE = "bound before"
BAD_TONES = 3
"""After so many refusals of one plate another carton is taken."""


class Picker:
    def __init__(
        self, scene: Scene, lamps: Lamps, hand: HandScanner, rack: HandOver, screen: Screen
    ) -> None:
        self._scene, self._lamps, self._hand, self._rack = scene, lamps, hand, rack
        self._screen = screen
        self._numbers = scene.given.numbers.people
        self._node = scene.given.start
        self._carton: Carton | None = None
        self._last: Carton | None = None
        self._spare: Carton | None = None
        self._bound_for: str | None = None
        self._pressed: dict[tuple[str, str | None], tuple[str, int]] = {}

    def shift(self) -> Act:
        while True:
            yield Until(self._sees_work)
            if self._asked_for_carton():
                yield from self._start_carton()
            elif self._lamps.lit:
                yield from self._pick(self._lamps.lit[0])
            else:
                yield from self._finish()

    def _sees_work(self) -> bool:
        holds = self._carton is not None
        return self._asked_for_carton() or bool(self._lamps.lit) or holds

    def _asked_for_carton(self) -> bool:
        """A task that the carton in hand was not bound for."""
        asks = self._lamps.asks
        return asks is not None and asks != self._bound_for

    # --- a carton ---

    def _start_carton(self) -> Act:
        if self._carton is not None and self._bound_for is not None:
            yield from self._hand_over()
        yield from self._walk(self._scene.given.start)
        task, refused = self._lamps.asks, 0
        while task is not None and self._lamps.asks == task:
            carton = self._take_empty()
            good = yield from scan(self._scene, self._hand, carton.lpn)
            if good:
                break
            if good is False and self._lamps.lit:
                self._put_back_on_stack(carton)
                break
            if good is False:
                refused += 1
                yield self._numbers.rescan_after
            if refused == BAD_TONES:
                self._put_aside(carton)
                refused = 0
        self._bound_for = None if self._lamps.dark else task

    def _take_empty(self) -> Carton:
        if self._carton is None:
            self._carton = self._spare or self._scene.goods.empty_carton()
            self._spare = None
            self._scene.put(self._carton, HANDS)
            self._scene.saw("taken from the stack", self._carton)
            self._pressed.clear()
        return self._carton

    def _put_aside(self, carton: Carton) -> None:
        self._scene.put(carton, "folded")
        self._scene.saw("put aside", carton)
        self._carton = None

    def _put_back_on_stack(self, carton: Carton) -> None:
        """Refused, and lamps are lit all the same: they are for the carton put down before."""
        self._scene.put(carton, "stack")
        self._spare, self._carton = carton, None

    def _hand_over(self) -> Act:
        yield from self._walk(self._scene.given.end)
        if self._carton is not None:
            self._rack.put(self._carton)
            self._last, self._carton, self._bound_for = self._carton, None, None

    def _finish(self) -> Act:
        """The display is dark too: the carton is done. A zone without power says nothing, and
        one that was just switched on not yet."""
        lamps = self._lamps
        yield Until(lambda: lamps.powered and not self._is_told_to_wait())
        fresh_s = self._scene.stage.now - lamps.powered_at
        patience = max(self._numbers.settle, self._numbers.relight - fresh_s)
        again = yield Until(self._told_more, patience)
        if again or not lamps.powered or (yield from self._is_still_open()):
            return
        yield from self._hand_over()

    def _is_still_open(self) -> Act:
        """After a power cut dark lamps prove nothing: the screen knows."""
        carton = self._carton
        if carton is None or self._lamps.powered_at < carton.since:
            return False
        task = yield from self._screen.task(self._scene.given.stations.zone)
        return task.get("lpn") == carton.lpn

    def _is_told_to_wait(self) -> bool:
        """The display still speaks of the carton in hand."""
        lamps = self._lamps
        if lamps.lit or self._asked_for_carton():
            return False
        return lamps.shows_order or lamps.asks is not None

    def _told_more(self) -> bool:
        lamps = self._lamps
        return bool(lamps.lit) or lamps.shows_order or self._asked_for_carton()

    # --- a lamp ---

    def _pick(self, light: str) -> Act:
        lamp = self._lamps.at(light)
        if self._carton is None and not (yield from self._fetch_back()):
            yield Until(lambda: self._lamps.at(light) != lamp, self._numbers.rescan_after)
            return
        self._bound_for = self._bound_for or self._lamps.order
        if (light, lamp.task) in self._pressed:
            yield from self._press_again(light, lamp)
            return
        yield from self._walk(self._scene.given.node_of[light])
        sku = yield from self._which(light, lamp)
        yield self._scene.quick(self._numbers.take_piece * lamp.qty + self._numbers.press)
        answered = (light, lamp.task) in self._pressed
        if sku is not None and self._same(light, lamp) and not answered:
            self._take_and_press(light, lamp, sku, lamp.qty)

    def helped(self, light: str, at_most: int) -> None:
        """Somebody else presses for the picker: the pieces go into the same carton.

        Raises LookupError when there is nothing to help with.
        """
        lamp, named = self._lamps.at(light), self._named(light, self._lamps.at(light))
        if self._carton is None or len(named) != 1:
            raise LookupError(f"nobody stands at {light} with a carton")
        if not lamp.on or (light, lamp.task) in self._pressed:
            raise LookupError(f"{light} asks for nothing")
        self._take_and_press(light, lamp, named[0], min(at_most, lamp.qty))

    def _take_and_press(self, light: str, lamp: Lamp, sku: str, at_most: int) -> None:
        """Pieces and press in one moment: who sees the lamp go dark takes nothing."""
        assert self._carton is not None
        location = self._scene.given.stations.location_of[light]
        got = self._scene.goods.take(location, sku, at_most, self._carton)
        button = "confirm" if got == lamp.qty else "short"
        taken = {"location": location, "sku": sku, "wanted": lamp.qty, "qty": got}
        self._scene.saw("picked", self._carton, **taken)
        self._pressed[light, lamp.task] = (button, got)
        self._press(light, button, got)

    def _press(self, light: str, button: str, qty: int) -> None:
        lights = self._scene.given.stations.lights
        self._scene.tell(lights, "press", light=light, button=button, qty=qty)

    def _press_again(self, light: str, lamp: Lamp) -> Act:
        """The lamp that was answered already is still lit: the press did not get through."""
        dark = yield Until(lambda: not self._same(light, lamp), self._numbers.rescan_after)
        if not dark:
            self._press(light, *self._pressed[light, lamp.task])

    def _same(self, light: str, lamp: Lamp) -> bool:
        now = self._lamps.at(light)
        return now.on and now.task == lamp.task

    def _which(self, light: str, lamp: Lamp) -> Act:
        """The item: the one that the lamp names, or the screen."""
        named = self._named(light, lamp)
        if len(named) == 1:
            return named[0]
        location = self._scene.given.stations.location_of[light]
        task = yield from self._screen.task(self._scene.given.stations.zone)
        if task.get("location") == location:
            return task["sku"]
        yield Until(lambda: not self._same(light, lamp), self._numbers.look_again)
        return None

    def _named(self, light: str, lamp: Lamp) -> list[str]:
        """What the lamp names, else everything that lies there."""
        named = [sku for sku in self._scene.given.weights if sku in lamp.text]
        return named or self._scene.goods.skus_at(self._scene.given.stations.location_of[light])

    def _fetch_back(self) -> Act:
        """Lamps are lit again for the carton that was put down too early."""
        last = self._last
        if last is None or last.place != RACK:
            return False
        yield from self._walk(self._scene.given.end)
        if last.place != RACK:
            return False
        self._carton, self._bound_for = last, BOUND_BEFORE
        self._scene.put(last, HANDS)
        self._scene.saw("taken back", last)
        return True

    def _walk(self, node: str) -> Act:
        metres = self._scene.given.walks[self._node][node]
        self._node = node
        if metres:
            yield self._scene.quick(metres / self._numbers.walk_m_s)
