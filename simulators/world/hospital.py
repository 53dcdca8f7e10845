"""The hospital worker: scans each carton, reads what is wrong, does it, and sends it on."""

from collections import deque
from typing import Final

from simulators.world.goods import Carton, Sticker
from simulators.world.packing import Infeed
from simulators.world.person import Errand, HandScanner, Screen, scan
from simulators.world.scene import Scene
from simulators.world.sorting import Lanes
from simulators.world.stage import Act, Answer, Until

TABLE: Final = "hospital table"
HERE: Final = "hospital"
PRINTS: Final = ("reprint", "relabel", "accept_weight")
EMPTIED: Final = "emptied"
LABEL_WITHIN_S: Final = 20.0
LOOKS: Final = 6
"""So often the screen is asked about one carton before the next one's turn."""


BUTTONS: Final = ("reprint", "relabel", "accept_weight", "reinduct", "put_back", "emptied")


def button(remedy: str) -> str:
    """The last words of a remedy, or of a refusal, name the button: `check contents, accept
    weight`, `L00004711 is cancelled: put back`."""
    words = remedy.rpartition(": ")[2].rpartition(", ")[2].replace(" ", "_")
    return words if words in BUTTONS else ""


class HospitalWorker:
    def __init__(
        self, scene: Scene, lanes: Lanes, infeed: Infeed, hand: HandScanner, screen: Screen
    ) -> None:
        self._scene, self._lanes, self._infeed = scene, lanes, infeed
        self._hand, self._screen = hand, screen
        self._stations, self._numbers = scene.given.stations, scene.given.numbers.people
        self._table: deque[Carton] = deque()
        self._tray: deque[Sticker] = deque(maxlen=50)

    def bring(self, carton: Carton) -> None:
        """Somebody carries a carton here."""
        self._scene.put(carton, TABLE)
        self._scene.saw("on the hospital table", carton)
        self._table.append(carton)

    def lift(self, carton: Carton) -> None:
        if carton in self._table:
            self._table.remove(carton)

    def label(self, sticker: Sticker) -> None:
        self._tray.append(sticker)

    def shift(self) -> Act:
        while True:
            yield Until(lambda: self._next() is not None)
            carton = self._next()
            if carton is not None:
                yield from self._treat(carton)

    def _next(self) -> Carton | None:
        return self._lanes.front(self._stations.hospital_chute) or (
            self._table[0] if self._table else None
        )

    def _treat(self, carton: Carton) -> Act:
        self._lanes.lift(carton)
        self.lift(carton)
        self._scene.put(carton, HERE)
        self._scene.saw("in hospital", carton, **self._condition(carton))
        yield self._scene.quick(self._numbers.inspect)
        for _ in range(LOOKS):
            yield from self._identify(carton)
            errand = yield from self._errand_of(carton)
            if errand is not None and (yield from self._follow(carton, button(errand.remedy))):
                return
            yield self._numbers.look_again
        self.bring(carton)

    def _condition(self, carton: Carton) -> dict[str, object]:
        """What is physically wrong with it."""
        label = "none" if carton.sticker is None else "ok" if carton.ships else "exception"
        return {"defect": carton.defect, "label": label, "readable": carton.readable}

    def _identify(self, carton: Carton) -> Act:
        """By the hand scanner; a plate that cannot be scanned, or a dead gun, is typed in."""
        if carton.readable and (yield from scan(self._scene, self._hand, carton.lpn)) is not None:
            return
        path = f"/api/work/{self._stations.hospital}/scan"
        yield from self._screen.say(path, {"code": carton.lpn})

    def _errand_of(self, carton: Carton) -> Act:
        errands: list[Errand] = yield from self._screen.look(self._stations.hospital)
        mine = (e for e in errands if e.kind == "hospital" and e.subject == carton.lpn)
        return next(mine, None)

    def _follow(self, carton: Carton, remedy: str) -> Act:
        """True when the carton is out of the hospital. A refusal that names another remedy is
        followed too."""
        tried: set[str] = set()
        while remedy and remedy not in tried:
            tried.add(remedy)
            done, remedy = yield from self._solve(carton, remedy)
            if done:
                return True
        return False

    def _solve(self, carton: Carton, remedy: str) -> Act:
        """Whether it is done, and else the remedy that the screen says instead."""
        self._scene.saw("remedy", carton, remedy=remedy)
        if remedy in ("put_back", EMPTIED):
            return (yield from self._empty(carton, remedy))
        self._mend(carton)
        answer: Answer = yield from self._press(carton, remedy)
        if not answer.ok:
            return False, button(answer.why)
        return (yield from self._label_and_send(carton, remedy)), ""

    def _label_and_send(self, carton: Carton, remedy: str) -> Act:
        if remedy in PRINTS and (remedy == "reprint" or not carton.ships):
            came = yield Until(lambda: self._label_of(carton) is not None, LABEL_WITHIN_S)
            if not came:
                return (yield from self._errand_of(carton)) is None and self._send_on(carton)
            self._stick(carton)
        yield Until(lambda: self._infeed.fits(self._stations.hospital_lane))
        return self._send_on(carton)

    def _press(self, carton: Carton, remedy: str) -> Act:
        return (yield from self._screen.say(f"/api/hospital/{carton.lpn}", {"remedy": remedy}))

    def _mend(self, carton: Carton) -> None:
        """Whoever has it in hand cleans the plate and takes off what does not belong there."""
        carton.readable, carton.stray_plate = True, None

    def _label_of(self, carton: Carton) -> Sticker | None:
        return next((label for label in self._tray if label.names(carton.lpn)), None)

    def _stick(self, carton: Carton) -> None:
        label = self._label_of(carton)
        if label is not None:
            self._tray.remove(label)
            carton.sticker = label
            self._scene.saw("labelled", carton, codes=list(label.codes))

    def _send_on(self, carton: Carton) -> bool:
        self._infeed.put(carton, self._stations.hospital_lane)
        return True

    # --- a cancelled carton ---

    def _empty(self, carton: Carton, remedy: str) -> Act:
        for errand in (yield from self._goods_of(carton)):
            yield from self._carry_home(carton, errand)
        if remedy == EMPTIED or (yield from self._errand_of(carton)) is not None:
            answer: Answer = yield from self._press(carton, EMPTIED)
            if not answer.ok:
                return False, button(answer.why)
        self._rest_home(carton)
        self._scene.put(carton, "folded")
        self._scene.saw("emptied", carton)
        return True, ""

    def _goods_of(self, carton: Carton) -> Act:
        """What is to go where, by the list that hangs at the counter."""
        errands: list[Errand] = yield from self._screen.look(self._stations.desk)
        return [e for e in errands if e.kind == "put_back" and e.subject == carton.lpn]

    def _carry_home(self, carton: Carton, errand: Errand) -> Act:
        yield self._scene.quick(self._numbers.errand_walk)
        put = self._scene.goods.put_back(carton, errand.sku, errand.qty, errand.location)
        self._scene.saw("put back", carton, sku=errand.sku, qty=put, location=errand.location)
        if put:
            body = {"lpn": carton.lpn, "sku": errand.sku, "location": errand.location, "qty": put}
            yield from self._screen.say("/api/putbacks", body)

    def _rest_home(self, carton: Carton) -> None:
        """Pieces in the carton that no list knows: taken when the lamp had just gone dark."""
        for sku, pieces in list((+carton.contents).items()):
            location = next(at for at, there in self._scene.given.stock if there == sku)
            self._scene.goods.put_back(carton, sku, pieces, location)
            self._scene.saw("put back unasked", carton, sku=sku, qty=pieces, location=location)
