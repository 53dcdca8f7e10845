"""Banner PICK-IQ modules: lamps with a touch key, each a unit of a Modbus line. No port here."""

from collections.abc import Callable
from typing import Final

from devices.map.schema import At, LightZone, PickIq
from simulators.rtu import Cells, Unit

NAME: Final = "PTL110S"
PRIMARY, SECONDARY = 1, 2
TOUCHES: Final = {"confirm": PRIMARY, "short": SECONDARY}

Showed = Callable[["Module"], None]


class Module:
    """Dark after every start. `showed` is called when what a person sees has changed."""

    def __init__(self, light: str, number: int, registers: PickIq, showed: Showed) -> None:
        self.light, self.number, self._registers, self._showed = light, number, registers, showed
        self.unit = Unit(self._fresh(), self._written)
        self.lit = 0
        """How often it has been lit."""
        self._seen = self.looks

    @property
    def on(self) -> bool:
        return bool(self.cell(self._registers.job))

    @property
    def qty(self) -> int:
        return self.cell(self._registers.display)

    @property
    def colour(self) -> str:
        names = {number: name for name, number in self._registers.colours.items()}
        return names.get(self.cell(self._registers.colour), "")

    @property
    def looks(self) -> tuple[bool, int, str]:
        return (self.on, self.qty, self.colour) if self.on else (False, 0, "")

    def cell(self, at: At | None) -> int:
        return self.unit.cells[at.table, at.address] if at is not None else 0

    def touch(self, output: int) -> None:
        """A finger on it, a hand before it; 0 when both are gone."""
        at = self._registers.touched
        self.unit.cells[at.table, at.address] = output

    def restart(self) -> None:
        """A moment without power."""
        self.unit.cells.clear()
        self.unit.cells.update(self._fresh())
        self._written()

    def _fresh(self) -> Cells:
        known = self._registers
        cells: Cells = {("hr", 1003 + at): 0 for at in range(16)}
        for at in range(0, len(NAME), 2):
            pair = NAME[at : at + 2].encode().ljust(2, b"\0")
            cells["hr", 1003 + at // 2] = int.from_bytes(pair, "big")
        cells |= {("hr", 6000): PRIMARY, ("hr", 6001): 0, ("hr", 6002): SECONDARY, ("hr", 6003): 0}
        cells |= {("hr", 6100): self.number, ("hr", 6101): 192, ("hr", 6102): 0, ("hr", 6103): 1}
        mine = (known.job, known.touched, known.display, known.colour, known.animation)
        return cells | {(at.table, at.address): 0 for at in mine if at is not None}

    def _written(self) -> None:
        before, self._seen = self._seen, self.looks
        if self.on and not before[0]:
            self.lit += 1
        if before != self._seen:
            self._showed(self)


def modules(zone: LightZone, usual_unit: int, showed: Showed) -> dict[str, Module]:
    """Those of a zone of the map, by light."""
    registers = zone.pick_iq
    assert registers is not None, "the zone does not speak PICK-IQ"
    return {
        light: Module(light, one.unit or usual_unit, registers, showed)
        for light, one in zone.lights.items()
    }
