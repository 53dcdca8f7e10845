"""What the program of a simulated device sees of its own memory, whatever wire it is behind."""

from typing import Any, Protocol

Value = Any
"""bool, int, float, str, a name of an enum, names of set bits, or a list of those."""


class Memory(Protocol):
    """Values of tags, as the map says that people see them. All zero after power on."""

    def __contains__(self, name: object) -> bool: ...
    def get(self, name: str) -> Value: ...
    def put(self, name: str, value: Value) -> None:
        """Raises KeyError for a name that an enum has not; an error for what does not fit."""

    def clear(self) -> None: ...
