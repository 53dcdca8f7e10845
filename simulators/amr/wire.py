"""The vehicle's topics on the broker."""

import asyncio
from collections.abc import Callable
from typing import Any

from devices.map.schema import Fleet
from simulators.amr import messages
from simulators.amr.vehicle import Vehicle
from simulators.mqtt import Line

MAJOR = "v2"

Later = Callable[[Callable[[], None]], None]
"""Does something to the vehicle when its time has come up to now."""


class Wire:
    def __init__(self, vehicle: Vehicle, fleet: Fleet, later: Later) -> None:
        of = fleet.vda5050
        serial = of.serial or ""
        self.online = asyncio.Event()
        self._topic = f"{of.interface}/{MAJOR}/{of.manufacturer}/{serial}/{{}}".format
        self._vehicle, self._later = vehicle, later
        self._headers = messages.Headers(of.manufacturer, serial)
        self._told: dict[str, Any] = {}
        self._line = Line(
            f"vehicle-{serial}",
            connected=self._arrived,
            received=self._heard,
            will=(self._topic("connection"), self._will()),
            topics=[(self._topic("order"), 0), (self._topic("instantActions"), 0)],
        )

    def open(self, host: str, port: int) -> None:
        self._line.open(host, port)

    def close(self) -> None:
        self._say("connection", {"connectionState": "OFFLINE"}, qos=1, retain=True)
        self._line.close()

    def tell(self, *, anyhow: bool) -> bool:
        """Sends the state if it holds news, or anyhow. Returns whether it was sent."""
        state = messages.state(self._vehicle)
        news = messages.news(state)
        if not anyhow and news == self._told:
            return False
        self._told = news
        self._say("state", state)
        return True

    def show(self) -> None:
        self._say("visualization", messages.visualization(self._vehicle))

    def obey_requests(self) -> None:
        """Instant actions that ask for a message get it."""
        while self._vehicle.said:
            if self._vehicle.said.popleft() == "stateRequest":
                self.tell(anyhow=True)
            else:
                self._say("factsheet", messages.factsheet(), retain=True)

    def _arrived(self) -> None:
        self._say("connection", {"connectionState": "ONLINE"}, qos=1, retain=True)
        self._say("factsheet", messages.factsheet(), retain=True)
        self.tell(anyhow=True)
        self.online.set()

    def _heard(self, topic: str, content: Any) -> None:
        told = self._vehicle.offer if topic == self._topic("order") else self._vehicle.instant
        self._later(lambda: told(content))

    def _will(self) -> dict[str, Any]:
        return self._headers.on("connection", {"connectionState": "CONNECTIONBROKEN"})

    def _say(self, name: str, body: dict[str, Any], *, qos: int = 0, retain: bool = False) -> None:
        self._line.publish(self._topic(name), self._headers.on(name, body), qos=qos, retain=retain)
