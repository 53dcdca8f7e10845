"""Toy rules on the real messages: each effect a rule can have, asked for by a scanned code."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sync.hostmessage import HostMessage
from wcs.commands import Divert, LightWanted
from wcs.envelope import Answer, Nobody, Seen
from wcs.events import CartonMoved, Event, StockLevel, TripSent
from wcs.model import Carton, Order
from wcs.names import (
    Barcode,
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    Lpn,
    OrderKey,
    Owner,
    Sku,
    TaskId,
)
from wcs.observations import Due, Observation, OrderPlaced, Scanned, WantedLine
from wcs.ports import Rule, Tx

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SCANNER, SORTER, LIGHTS = DeviceId("tunnel1"), DeviceId("sorter1"), DeviceId("ptl_a")


def scan(*codes: str, after_s: float = 0.0) -> Scanned:
    at = START + timedelta(seconds=after_s)
    return Scanned(scanner=SCANNER, codes=tuple(map(Barcode, codes)), at=at)


def order(number: str = "1001", after_s: float = 0.0) -> OrderPlaced:
    at = START + timedelta(seconds=after_s)
    line = WantedLine(line=1, sku=Sku("SKU-001"), qty=2)
    return OrderPlaced(
        channel=ChannelId("shop"),
        number=number,
        version=1,
        lines=(line,),
        service="standard",
        paid=True,
        placed_at=at,
        at=at,
    )


def seen(observation: Observation, key: str | None = None, **more: Any) -> Seen:
    return Seen(observation, more.pop("source", Nobody()), key, **more)


class Ear:
    """A source that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[Answer] = []

    def settled(self, seen: Seen, answer: Answer) -> None:
        self.heard.append(answer)


def carton(lpn: str, at: datetime, *, place: str, loops: int = 0) -> Carton:
    number = OrderKey(f"shop:{lpn}")
    return Carton(lpn=Lpn(lpn), order=number, state="moving", place=place, seen_at=at, loops=loops)


def on_scanned(seen: Scanned, tx: Tx) -> None:
    """Each code says what to do: `L1`, `raise:L1`, `want:A-01`, `wake:x:5`, ..."""
    for code in seen.codes:
        verb, _, rest = code.partition(":")
        VERBS.get(verb, _moved)(rest or verb, seen, tx)


def _moved(lpn: str, seen: Scanned, tx: Tx) -> None:
    known = tx.get(Carton, lpn)
    now = carton(lpn, seen.at, place=seen.scanner, loops=known.loops + 1 if known else 0)
    tx.save(now)
    tx.command(
        Divert(
            device=SORTER,
            track=now.loops + 1,
            lane=LaneId("2"),
            lpn=now.lpn,
            before=seen.at + timedelta(seconds=1),
        )
    )
    tx.emit(CartonMoved(lpn=now.lpn, order=now.order, place=now.place, why="seen", at=seen.at))


def _raise(lpn: str, seen: Scanned, tx: Tx) -> None:
    _moved(lpn, seen, tx)
    tx.wake("never", seen.at)
    raise RuntimeError(f"cannot sort {lpn}")


def _refuse(why: str, seen: Scanned, tx: Tx) -> None:
    tx.answer("refused", why)


def _want(light: str, seen: Scanned, tx: Tx) -> None:
    tx.want(
        LightWanted(
            device=LIGHTS, light=LightId(light), task=TaskId(tx.id()), colour="green", qty=1
        )
    )


def _dark(light: str, seen: Scanned, tx: Tx) -> None:
    tx.remove(LightWanted, f"{LIGHTS}|{light}")


def _wake(rest: str, seen: Scanned, tx: Tx) -> None:
    key, _, after_s = rest.partition(":")
    tx.wake(key, seen.at + timedelta(seconds=float(after_s)) if after_s else None)


def _level(sku: str, seen: Scanned, tx: Tx) -> None:
    tx.emit(
        StockLevel(owner=Owner("ACME"), sku=Sku(sku), on_hand=tx.seq, available=tx.seq, at=seen.at)
    )


def _trip(lpns: str, seen: Scanned, tx: Tx) -> None:
    on_board = tuple(map(Lpn, lpns.split(",")))
    tx.emit(TripSent(trip=tx.id(), device=DeviceId("amr1"), lpns=on_board, why="full", at=seen.at))


def _loop(place: str, seen: Scanned, tx: Tx) -> None:
    """Moves every carton of a state along, removes each third: changes what it iterates over."""
    for number, found in enumerate(tx.find(Carton, state="moving")):
        if number % 3 == 2:
            tx.remove(Carton, found.key)
        else:
            tx.save(carton(found.lpn, seen.at, place=place, loops=found.loops + 1))
            tx.save(carton(f"{found.lpn}+", seen.at, place=place)) if number == 0 else None


VERBS: dict[str, Any] = {
    "raise": _raise,
    "refuse": _refuse,
    "want": _want,
    "dark": _dark,
    "wake": _wake,
    "level": _level,
    "trip": _trip,
    "loop": _loop,
}


def on_due(seen: Due, tx: Tx) -> None:
    if seen.key.startswith("raise"):
        raise RuntimeError("a timer that fails")
    tx.save(carton(seen.key, seen.at, place="timer"))


def on_order(seen: OrderPlaced, tx: Tx) -> None:
    key = OrderKey(f"{seen.channel}:{seen.number}")
    if tx.get(Order, key) is not None:
        tx.answer("refused", "known")
        return
    tx.save(
        Order(
            channel=seen.channel,
            number=seen.number,
            owner=Owner("ACME"),
            version=seen.version,
            lines=(),
            service=seen.service,
            carrier=CarrierId("swift"),
            paid=seen.paid,
            customer=seen.customer,
            state="waiting",
            received_at=seen.at,
        )
    )


def decide(observation: Any) -> Rule:
    match observation:
        case Scanned():
            return partial(on_scanned, observation)
        case Due():
            return partial(on_due, observation)
        case OrderPlaced():
            return partial(on_order, observation)
        case _:
            raise LookupError(f"no rule for {type(observation).__name__}")


def mapping(event: Event) -> list[HostMessage]:
    """Every carton movement to the shop, stock levels to shop and ERP."""
    match event:
        case CartonMoved():
            return [HostMessage("shop", event.order, "moved", event.lpn)]
        case StockLevel():
            body = str(event.on_hand)
            return [
                HostMessage(host, event.sku, "stock", body, newest_wins=True)
                for host in ("shop", "erp")
            ]
        case _:
            return []
