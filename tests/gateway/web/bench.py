"""A gateway of the demo site on a real store whose rules are written by the test: the floor is put
into any state, acts are decided as the test says."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from devices.live import Live
from gateway.auth import Auth
from gateway.context import Gateway
from gateway.inbox import Busy
from gateway.reload import Files, Reload
from gateway.routing.answers import path as answered
from gateway.settings import Settings, Simulated, load
from sync.mapping import Routes
from sync.store import Store
from tests.gateway.web.equipment import Trials, made_equipment, made_readiness
from wcs.decide import rule
from wcs.envelope import Answer, Nobody, Seen
from wcs.names import ChannelId, DeviceId, Owner
from wcs.observations import (
    ConditionAcknowledged,
    DeviceModeSet,
    DeviceReplaced,
    DeviceSimulated,
    DoorAsked,
    MethodCalled,
    Observation,
    ReadyChecked,
    SiteChanged,
    TagWritten,
    Weighed,
    WriteRefused,
)
from wcs.ports import Entity, Rule, Tx
from wcs.site import Site
from wcs.walking import layout_of

DEMO = Path(__file__).parents[3] / "config" / "demo"
T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SET_BY_PEOPLE = (
    DeviceModeSet,
    DeviceReplaced,
    DeviceSimulated,
    DoorAsked,
    ReadyChecked,
    TagWritten,
    WriteRefused,
    ConditionAcknowledged,
    MethodCalled,
)
SECRETS = {"SHOP_SECRET": "shop-secret", "ERP_TOKEN": "erp", "CARRIER_TOKEN": "carrier"}


@cache
def settings(simulated: Simulated | None) -> Settings:
    """The demo site, read once."""
    found = load(DEMO)
    site = dataclasses.replace(found.site, simulated=simulated is not None)
    return dataclasses.replace(found, site=site, simulated=simulated)


class Now:
    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> datetime:
        return self.at

    def later(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@dataclass
class Counters:
    """A loop that has decided a hundred observations."""

    def decision_ms(self) -> Mapping[str, float]:
        return {"p50": 0.4, "p99": 2.1, "max": 3.3}

    def waiting(self) -> Mapping[str, int]:
        return {"floor": 0, "host": 0}


@dataclass
class Bench:
    store: Store
    now: Now
    gateway: Gateway
    live: Live
    rules: dict[str, Rule]
    known: Settings
    trials: Trials
    up: set[str] = field(default_factory=set)
    down: dict[str, str] = field(default_factory=dict)
    asked: list[Seen] = field(default_factory=list)
    busy: Busy | None = None
    trouble: str | None = None

    async def save(self, *things: Entity) -> None:
        def rule(tx: Tx) -> None:
            for thing in things:
                tx.save(thing)

        await self.decide(rule)

    async def emit(self, *events: Any, raw: str = "") -> None:
        def rule(tx: Tx) -> None:
            for event in events:
                tx.emit(event)

        await self.decide(rule, raw=raw)

    async def decide(self, rule: Callable[[Tx], Any], raw: str = "") -> Answer:
        """One observation, decided by this rule."""
        key = f"test:{len(self.rules)}"
        self.rules[key] = rule
        seen = Seen(Weighed(scale=DeviceId(key), grams=0, at=self.now()), Nobody(), None, raw)
        return (await self.store.transact([seen]))[0].answer

    async def tell(self, observation: Observation, raw: str = "") -> Answer:
        return (await self.store.transact([Seen(observation, Nobody(), None, raw)]))[0].answer

    async def site(self) -> None:
        await self.tell(SiteChanged(site=self.gateway.settings.site, by="test", at=self.now()))

    def bearer(self, role: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.gateway.auth.add_token(f'a-{role}', role)}"}


@contextmanager
def bench(
    folder: Path, *, simulated: Simulated | None = None, site: Site | None = None
) -> Iterator[Bench]:
    """The demo site, or another one on its devices."""
    known = settings(simulated)
    if site is not None:
        known = dataclasses.replace(known, site=site)
    rules: dict[str, Rule] = {}

    def decide(observation: Any) -> Rule:
        """The name of a scale, or the kind of any other observation, names the rule."""
        weighed = isinstance(observation, Weighed)
        key = observation.scale if weighed else type(observation).__name__
        return rules.get(key, _accept)

    rules["SiteChanged"] = _accept
    routes = Routes({ChannelId("shop"): Owner("ACME")})
    with Store.open(
        folder / "wedge.db", decide=_deciding(decide), mapping=routes, release="t"
    ) as s:
        yield _bench(s, folder, rules, known)


def _deciding(decide: Callable[[Any], Rule]) -> Callable[[Any], Rule]:
    def of(observation: Any) -> Rule:
        if isinstance(observation, SiteChanged):
            return lambda tx: tx.save(observation.site)
        if isinstance(observation, SET_BY_PEOPLE):
            return rule(observation)
        return decide(observation)

    return of


def _accept(tx: Tx) -> None:
    return None


def _bench(store: Store, folder: Path, rules: dict[str, Rule], known: Settings) -> Bench:
    now, live = Now(), Live()
    made: Bench

    async def ask(observation: Observation, **how: Any) -> Answer:
        if made.busy:
            raise made.busy
        private = how.get("private") or {}
        seen = Seen(observation, Nobody(), how.get("key"), how.get("raw", ""), private)
        made.asked.append(seen)
        return (await store.transact([seen]))[0].answer

    async def path(question: str) -> dict[str, Any]:
        if made.busy:
            raise made.busy
        return answered(layout_of(gateway.settings.site.layout), question).answer

    async def retry(row: str, by: str) -> bool:
        return row == "parked-1"

    def take(fresh: Settings) -> None:
        made.known = fresh

    trials = Trials()
    equipment, links = made_equipment(lambda: made.known, store, ask, now, live, trials)
    auth = Auth(folder, now)
    auth._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # quick
    gateway = Gateway(
        known=lambda: made.known,
        auth=auth,
        live=live,
        now=now,
        ask=ask,
        path=path,
        reader=store.reader,
        connected=lambda: frozenset(made.up),
        hosts_down=lambda: made.down,
        secrets=SECRETS,
        stats=Counters(),
        retry=retry,
        trouble=lambda: made.trouble,
        days_left=lambda: 42.0,
        equipment=equipment,
        reload=Reload(Files(DEMO, None), lambda: made.known, take, equipment, ask, now),
        readiness=made_readiness(lambda: made, links, live),
        data=folder,
    )
    made = Bench(store, now, gateway, live, rules, known, trials)
    return made
