"""What every page says loudly whatever else it shows: which devices are simulated."""

from gateway.context import Gateway
from gateway.web.pulse import Regions, Scene
from gateway.web.templating import Looks


class Marked:
    """A scene of `pulse.Board` with the marks above it."""

    def __init__(self, scene: Scene, gateway: Gateway, looks: Looks) -> None:
        self._scene, self._gateway, self._looks = scene, gateway, looks
        self._shown: tuple[str, ...] | None = None

    def changed(self) -> bool:
        return self._scene.changed() or self._gateway.equipment.simulated != self._shown

    def render(self) -> Regions:
        self._shown = self._gateway.equipment.simulated
        band = self._looks.fragment("regions/simulated.html", simulated=self._shown)
        return {**self._scene.render(), "simulated": band}

    def close(self) -> None:
        self._scene.close()
