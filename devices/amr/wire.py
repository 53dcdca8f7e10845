"""Topics and headers of one VDA 5050 vehicle: `interface/v2/manufacturer/serial/topic`."""

from collections import Counter
from dataclasses import dataclass

from pydantic import BaseModel

from devices.amr.messages import Header
from devices.device import Clock
from devices.map.schema import Fleet
from wcs.names import DeviceId


@dataclass(frozen=True, slots=True)
class Address:
    interface: str
    version: str
    manufacturer: str
    serial: str

    def topic(self, name: str) -> str:
        major = self.version.partition(".")[0]
        return f"{self.interface}/v{major}/{self.manufacturer}/{self.serial}/{name}"


def address_of(id: DeviceId, config: Fleet) -> Address:
    """The vehicle `id` of a fleet, or the only one that `vda5050.serial` names."""
    said = config.vda5050
    serial = config.vehicles[id].serial if id in config.vehicles else said.serial
    if serial is None:
        raise ValueError(f"{id}: the map names no serial number of this vehicle")
    return Address(said.interface, said.version, said.manufacturer, serial)


class Headers:
    """`headerId` counts messages per topic; it begins anew with the session."""

    def __init__(self, address: Address, clock: Clock) -> None:
        self._address, self._clock = address, clock
        self._sent: Counter[str] = Counter()

    def next(self, topic: str) -> Header:
        self._sent[topic] += 1
        return Header(
            headerId=self._sent[topic] - 1,
            timestamp=self._clock.now(),
            version=self._address.version,
            manufacturer=self._address.manufacturer,
            serialNumber=self._address.serial,
        )


def encoded(message: BaseModel) -> bytes:
    return message.model_dump_json().encode()
