"""What every device shows right now, for pages and metrics: in memory only, never on a hot path."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from devices.mqtt_drops import Drops
from devices.passing import Passing
from devices.tags.value import Refusal, Round, Value
from wcs.names import DeviceId

if TYPE_CHECKING:
    from devices.tags.port import Tags

View = Callable[[], Mapping[str, Value]]
"""Makes the values of one device when somebody looks."""

AT_MOST: Final = 20_000


def nobody(device: DeviceId, told: Round | Refusal) -> None:
    return None


class Live:
    """(device, tag) -> value. A session either puts values, or attaches a view of its own tags.

    polled: told every answered poll (telemetry). refused: told every write to a tag that was not
    sent, because it must not or cannot be (audit). Neither may wait or raise.
    """

    def __init__(
        self,
        at_most: int = AT_MOST,
        *,
        polled: Callable[[DeviceId, Round], None] = nobody,
        refused: Callable[[DeviceId, Refusal], None] = nobody,
    ) -> None:
        self._at_most = at_most
        self.polled, self.refused = polled, refused
        self.passing, self.drops = Passing(), Drops()
        self._views: dict[DeviceId, View] = {}
        self._tags: dict[DeviceId, Tags] = {}
        self._values: dict[DeviceId, dict[str, Value]] = {}

    def put(self, device: DeviceId, tag: str, value: Value) -> None:
        """Raises OverflowError when a device names more tags than a map could."""
        values = self._values.setdefault(device, {})
        if tag not in values and len(values) >= self._at_most:
            raise OverflowError(f"{device}: more than {self._at_most} tags")
        values[tag] = value

    def attach(self, device: DeviceId, view: View, tags: "Tags | None" = None) -> None:
        """tags: what people may read and write by hand while the line is open."""
        self._views[device] = view
        if tags is not None:
            self._tags[device] = tags

    def tags(self, device: DeviceId) -> "Tags | None":
        return self._tags.get(device)

    def lost(self, device: DeviceId, reason: str) -> None:
        """The line is gone: the last values stay, marked bad."""
        values = self.of(device)
        self._views.pop(device, None)
        self._tags.pop(device, None)
        self._values[device] = {
            tag: replace(value, quality="bad", reason=reason) for tag, value in values.items()
        }

    def of(self, device: DeviceId) -> dict[str, Value]:
        view = self._views.get(device)
        return {**self._values.get(device, {}), **(view() if view else {})}
