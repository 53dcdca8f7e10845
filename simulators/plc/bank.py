"""The PLC's memory: four tables of Modbus data, and the map's names for places in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from devices.map.schema import DeviceMap, RegisterTag, Sorter

SIZES: Final[dict[str, int]] = {"co": 0, "di": 16, "ir": 24, "hr": 32}
"""What exists even where the map names nothing."""
WORD: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Tables:
    """One cell per bit or register; words are 0..65535, bits 0 or 1."""

    co: list[int]
    di: list[int]
    ir: list[int]
    hr: list[int]

    def of(self, table: str) -> list[int]:
        cells: list[int] = getattr(self, table)
        return cells


@dataclass(frozen=True, slots=True)
class Bank:
    """Tables with named places: uint16, bool, and uint32 with the high word first."""

    places: Mapping[str, tuple[str, int, int]]
    """Name -> table, first cell, number of cells."""
    tables: Tables = field(default_factory=lambda: tables(SIZES))

    def get(self, name: str) -> int:
        table, first, cells = self.places[name]
        value = 0
        for word in self.tables.of(table)[first : first + cells]:
            value = value << 16 | word
        return value

    def put(self, name: str, value: int) -> None:
        table, first, cells = self.places[name]
        words = [value >> 16 * shift & WORD for shift in reversed(range(cells))]
        self.tables.of(table)[first : first + cells] = words

    def has(self, name: str) -> bool:
        return name in self.places


def bank_of(site: DeviceMap, device: str) -> Bank:
    """All registers zero, as after power on. Raises LookupError when the map has no such sorter."""
    sorter = site.devices.get(device)
    if not isinstance(sorter, Sorter):
        raise LookupError(f"{device} is not a divert-sorter of this map")
    tags = {name: tag for name, tag in sorter.tags.items() if isinstance(tag, RegisterTag)}
    places = {name: (tag.at.table, tag.at.address, tag.words) for name, tag in tags.items()}
    return Bank(places, tables(_sizes(places.values())))


def tables(sizes: Mapping[str, int]) -> Tables:
    return Tables(**{name: [0] * cells for name, cells in sizes.items()})


def _sizes(used: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    sizes = dict(SIZES)
    for table, first, cells in used:
        sizes[table] = max(sizes[table], first + cells)
    return sizes
