"""Banner PICK-IQ modules (PTL110, K50, K30) as Modbus registers. Pure: words in, meaning out.

A module is one unit of a Modbus RTU line, 19,200 8N1 unless set otherwise (6100 to 6103). It knows
no tasks: its job input lights the look of the job state, its output says that it is touched.

Sources: PICK-IQ Device Register Map, Banner 209995 Rev. F (27 March 2020), page 1:
6000-6003 sensor outputs (0 off, 1 primary, 2 secondary) and their delays, 6100-6103 line;
PICK-IQ Devices Instruction Manual, Banner 206185 Rev. D: animations (0 off, 1 steady, 2 flash) of
the five states from 6300, eleven registers each. Where a module has its job input, its output and
its digits differs by model, and stands in the device map (`PickIq`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from devices.map.lights import PickIq
from devices.map.units import At, Span, Table
from devices.tags.pdu import Request, read, write
from wcs.commands import SetLight

Words = Mapping[At, int]
ON, OFF = 1, 0
STEADY, FLASH = 1, 2
PRIMARY, SECONDARY = 1, 2
MOST_SHOWN: Final = 999


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring registers that are read in one request."""

    table: Table
    first: int
    count: int

    @property
    def request(self) -> Request:
        return read(self.table, self.first, self.count)

    def words(self, reply: bytes) -> dict[At, int]:
        """From a good reply, its function and byte count included."""
        data = reply[2:]
        if self.table in ("co", "di"):
            bits = int.from_bytes(data, "little")
            return {At(self.table, self.first + n): bits >> n & 1 for n in range(self.count)}
        pairs = (data[2 * n : 2 * n + 2] for n in range(self.count))
        words = (int.from_bytes(pair, "big") for pair in pairs)
        return {At(self.table, self.first + n): word for n, word in enumerate(words)}


class PickIqCodec:
    def __init__(self, config: PickIq) -> None:
        self._config = config
        shown = (config.display, config.colour, config.animation, config.job)
        self.status = blocks((config.job, config.touched))
        """What is polled."""
        self.key = blocks((config.touched,))
        self.all = blocks((*[at for at in shown if at is not None], config.touched))

    def wanted(self, command: SetLight) -> dict[At, int]:
        """What the module must hold to show it; the job, which lights it, comes last."""
        config, words = self._config, {}
        if command.task is None:
            return {config.job: OFF}
        if config.display is not None:
            words[config.display] = min(command.qty, MOST_SHOWN)
        if config.colour is not None and command.colour in config.colours:
            words[config.colour] = config.colours[command.colour]
        if config.animation is not None:
            words[config.animation] = FLASH if command.flash else STEADY
        return words | {config.job: ON}

    def is_lit(self, words: Words) -> bool:
        return words[self._config.job] != OFF

    def touch(self, words: Words) -> int:
        return words[self._config.touched]

    def button(self, touch: int) -> Literal["confirm", "empty"] | None:
        """What it means that an output has come on."""
        if touch == PRIMARY:
            return "confirm"
        secondary = self._config.secondary
        return secondary if touch == SECONDARY and secondary != "nothing" else None


def writes(wanted: Words, held: Words) -> list[Request]:
    """What is not held already, in the order of `wanted`, one request for each register."""
    missing = [(at, word) for at, word in wanted.items() if held.get(at) != word]
    return [write(at.table, at.address, [word]) for at, word in missing]


def blocks(addresses: Iterable[At]) -> tuple[Block, ...]:
    """Neighbours together; what nobody wants is not read, a module need not have it."""
    found: list[Block] = []
    for table, address in sorted({(at.table, at.address) for at in addresses}):
        last = found[-1] if found else None
        if last and last.table == table and address == last.first + last.count:
            found[-1] = Block(table, last.first, last.count + 1)
        else:
            found.append(Block(table, address, 1))
    return tuple(found)


def written(config: PickIq) -> Sequence[At]:
    """The registers that are written."""
    shown = (config.display, config.colour, config.animation, config.job)
    return [at for at in shown if at is not None]


def holds(outer: Sequence[Span], at: At) -> bool:
    return any(one.table == at.table and one.first <= at.address <= one.last for one in outer)
