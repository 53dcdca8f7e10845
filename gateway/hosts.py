"""The lanes to the hosts: a relay per host, a poll per channel, made from the site file."""

import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from gateway.settings import Settings
from sync.connectors.demo_carrier import DemoCarrier
from sync.connectors.demo_erp import DemoErp
from sync.connectors.demo_shop import DemoShop
from sync.connectors.port import Connector
from sync.connectors.rest import Rest
from sync.inbound import Heard
from sync.mapping import ERP, Routes
from sync.polling import poll
from sync.relay import Relay, Tell, Work
from wcs.names import ChannelId, Owner

Hear = Callable[[Heard], Awaitable[None]]
Now = Callable[[], datetime]


def routes(settings: Settings) -> Routes:
    channels = {ChannelId(c.id): Owner(c.owner) for c in settings.channels}
    return Routes(channels, erp=settings.erp is not None)


class Hosts:
    """Everything that talks to the outside; `run` gives the tasks, `down` what does not answer."""

    def __init__(
        self, settings: Settings, secrets: Mapping[str, str], store: Work, tell: Tell, now: Now
    ) -> None:
        self._settings, self._store, self._now = settings, store, now
        self._rests: list[Rest] = []
        self._shops: dict[str, DemoShop] = {}
        connectors = dict(self._connectors(secrets))
        self.relays = {
            host: Relay(host, connector, store, tell, now) for host, connector in connectors.items()
        }

    def _connectors(self, secrets: Mapping[str, str]) -> Iterator[tuple[str, Connector]]:
        for channel in self._settings.channels:
            shop = DemoShop(self._rest(channel.id, channel.url, secrets[channel.secret]))
            self._shops[channel.id] = shop
            yield channel.id, shop
        erp = self._settings.erp
        if erp is not None:
            yield ERP, DemoErp(self._rest(ERP, erp.url, secrets[erp.secret]))
        for carrier in self._settings.carriers:
            rest = self._rest(carrier.id, carrier.url, secrets[carrier.secret])
            yield carrier.id, DemoCarrier(rest, self._address, self._now)

    def _rest(self, host: str, url: str, token: str) -> Rest:
        self._rests.append(Rest(host, url, token))
        return self._rests[-1]

    async def _address(self, customer: str) -> dict[str, Any]:
        row = await self._store.work(
            lambda db: db.execute("SELECT body FROM private WHERE key=?", (customer,)).fetchone()
        )
        return dict(json.loads(row[0])) if row else {}

    def wake(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            if host in self.relays:
                self.relays[host].wake()

    def polls(self, hear: Hear) -> Iterator[Coroutine[Any, Any, None]]:
        for channel in self._settings.channels:
            yield poll(
                ChannelId(channel.id),
                self._shops[channel.id],
                self._store,
                hear,
                self._now,
                channel.poll_s,
            )

    def down(self) -> dict[str, str]:
        return {host: r.down_reason for host, r in self.relays.items() if r.down_reason}

    async def close(self) -> None:
        for rest in self._rests:
            await rest.close()
