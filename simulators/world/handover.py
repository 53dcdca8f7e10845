"""The rack where full cartons wait, and the vehicle that carries them to the merge."""

from collections.abc import Callable

from simulators.world.goods import Carton
from simulators.world.packing import Infeed
from simulators.world.scene import Scene
from simulators.world.stage import Act, Until

RACK = "rack"
HANDS = "hands"
CARRIED_AT_MOST_S = 30.0
"""A vehicle waits so long for a carton that a person still has in hand."""


class HandOver:
    def __init__(self, scene: Scene, infeed: Infeed) -> None:
        self._scene, self._infeed = scene, infeed

    def put(self, carton: Carton) -> None:
        self._scene.put(carton, RACK)
        self._scene.saw("on the rack", carton)

    def pick(self, vehicle: str, lpns: list[str]) -> None:
        self._scene.stage.play(self._load(vehicle, lpns))

    def drop(self, vehicle: str, lpns: list[str]) -> None:
        self._scene.stage.play(self._unload(vehicle, lpns))

    def standing(self, vehicle: str) -> None:
        lpns = [carton.lpn for carton in self._scene.goods.at(on(vehicle))]
        self._scene.tell(vehicle, "amr_on_board", vehicle=vehicle, lpns=lpns)

    def _load(self, vehicle: str, lpns: list[str]) -> Act:
        loaded = []
        for carton in self._known(lpns):
            yield Until(self._is_put_down(carton), CARRIED_AT_MOST_S)
            if carton.place == RACK:
                self._scene.put(carton, on(vehicle))
                self._scene.saw("on the vehicle", carton)
            if carton.place == on(vehicle):
                loaded.append(carton.lpn)
        self._answer(vehicle, "amr_loaded", lpns, loaded)

    def _unload(self, vehicle: str, lpns: list[str]) -> Act:
        lane, dropped = self._scene.given.stations.vehicle_lane, []
        for carton in self._known(lpns):
            yield Until(lambda: self._infeed.fits(lane))
            if carton.place == on(vehicle):
                self._infeed.put(carton, lane)
                dropped.append(carton.lpn)
        self._answer(vehicle, "amr_dropped", lpns, dropped)

    def _is_put_down(self, carton: Carton) -> Callable[[], bool]:
        return lambda: carton.place != HANDS

    def _known(self, lpns: list[str]) -> list[Carton]:
        cartons = self._scene.goods.cartons
        return [cartons[lpn] for lpn in lpns if lpn in cartons]

    def _answer(self, vehicle: str, name: str, asked: list[str], done: list[str]) -> None:
        missing = [lpn for lpn in asked if lpn not in done]
        self._scene.tell(vehicle, name, vehicle=vehicle, lpns=done, missing=missing)


def on(vehicle: str) -> str:
    return f"vehicle:{vehicle}"
