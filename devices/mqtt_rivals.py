"""Two clients of one name throw each other out of the broker for ever: said, and not announced as
back each time that it is our turn."""

from dataclasses import dataclass
from typing import Final

from devices.map.connections import Mqtt

SOON_S: Final = 10.0
"""A line that ends so soon, not by us, may have been taken by a rival."""
IN_A_ROW: Final = 3
STAYS_S: Final = 2.0
"""Then a line must hold for so long before it counts; rivals come back within a second or two."""


@dataclass(slots=True)
class Name:
    """One client name at one broker; what became of the last lines under it."""

    cut: int = 0

    @property
    def contested(self) -> bool:
        return self.cut >= IN_A_ROW

    def ended(self, lasted_s: float | None, by_us: bool) -> None:
        """lasted_s: None when the line did not even open."""
        taken = lasted_s is not None and lasted_s < SOON_S and not by_us
        self.cut = self.cut + 1 if taken else 0


NAMES: Final[dict[tuple[str, int, str], Name]] = {}
"""Lasts as long as the process; as many as the map has devices on brokers."""


def name_of(config: Mqtt, client_id: str) -> Name:
    return NAMES.setdefault((config.host, config.port, client_id), Name())
