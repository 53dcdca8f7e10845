"""What every page says loudly whatever else it shows: which devices are simulated."""

from collections.abc import Callable

from gateway.context import Gateway
from gateway.web.pulse import Regions, Scene
from gateway.web.templating import Looks


class Marked:
    """A scene of `pulse.Board` with the marks above it; opened anew after a reload of the files."""

    def __init__(self, open_scene: Callable[[], Scene], gateway: Gateway, looks: Looks) -> None:
        self._open, self._gateway, self._looks = open_scene, gateway, looks
        self._settings, self._scene = gateway.settings, open_scene()
        self._shown: tuple[str, ...] | None = None

    def changed(self) -> bool:
        if self._gateway.settings is not self._settings:
            self._scene.close()
            self._settings, self._scene = self._gateway.settings, self._open()
            return True
        return self._scene.changed() or self._gateway.equipment.simulated != self._shown

    def render(self) -> Regions:
        self._shown = self._gateway.equipment.simulated
        band = self._looks.fragment("regions/simulated.html", simulated=self._shown)
        return {**self._scene.render(), "simulated": band}

    def close(self) -> None:
        self._scene.close()
