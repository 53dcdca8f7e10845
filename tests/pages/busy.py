"""A busy moment of the demo floor, by hand: every state that the overview must be able to show."""

from datetime import timedelta
from typing import Any

from devices.tags.value import Value
from tests.gateway.web.bench import T0, Bench
from wcs.commands import LightWanted
from wcs.events import CartonRouted, CartonSorted, LinePicked
from wcs.model import (
    Balance,
    Carton,
    Device,
    Errand,
    Item,
    Lane,
    Load,
    Order,
    OrderLine,
    Pick,
    Step,
    StockTotal,
    Waiting,
)
from wcs.names import (
    Account,
    Barcode,
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    LocationCode,
    Lpn,
    OrderKey,
    Owner,
    Sku,
    StationId,
    TaskId,
)

SHOP, ACME = ChannelId("shop"), Owner("ACME")


def order(number: int, state: Any, **more: Any) -> Order:
    return Order(
        channel=SHOP,
        number=str(number),
        owner=ACME,
        version=1,
        lines=(OrderLine(line=1, sku=Sku("SKU-001"), qty=2),),
        service="standard",
        carrier=CarrierId("swift"),
        paid=True,
        customer=None,
        state=state,
        received_at=T0,
        **{"cutoff": T0 + timedelta(minutes=2 + number % 50), **more},
    )


def carton(number: int, state: Any, place: str, **more: Any) -> Carton:
    lpn, of = Lpn(f"L{number:08}"), OrderKey(f"shop:{number}")
    return Carton(lpn=lpn, order=of, state=state, place=place, seen_at=T0, **more)


def step(n: int, location: str, light: str, qty: int, **more: Any) -> Step:
    return Step(
        task=TaskId(f"12.{n}"),
        location=LocationCode(location),
        light=LightId(light),
        line=n,
        sku=Sku(f"SKU-00{n}"),
        qty=qty,
        **more,
    )


def pick(state: Any = "picking", lpn: str | None = "L00001003") -> Pick:
    steps = (
        step(1, "A-01-1", "A-01", 2, picked=2, state="confirmed"),
        step(2, "A-02-2", "A-04", 3),
        step(3, "A-05-1", "A-09", 12),
    )
    return Pick(
        key=TaskId("12"),
        order=OrderKey("shop:1003"),
        station=StationId("PICK-A"),
        steps=steps,
        length_mm=21_000,
        why="earliest cut-off",
        state=state,
        lpn=Lpn(lpn) if lpn else None,
        started_at=T0,
    )


def errand(kind: Any, station: str, subject: str, text: str, remedy: str, **more: Any) -> Errand:
    return Errand(
        key=f"{kind}:{subject}",
        station=StationId(station),
        kind=kind,
        subject=subject,
        text=text,
        remedy=remedy,
        asked_at=T0,
        **more,
    )


ERRANDS = (
    errand("hospital", "HOSPITAL", "L00001005", "wrong weight", "check contents, accept weight"),
    errand(
        "count",
        "DESK",
        "A-06-2",
        "Count RARE-01 at A-06-2: 2 of 3 found",
        "count",
        sku=Sku("RARE-01"),
        location=LocationCode("A-06-2"),
    ),
    errand(
        "put_back",
        "DESK",
        "L00001006",
        "put 2 of SKU-001 from L00001006 back",
        "put back",
        sku=Sku("SKU-001"),
        location=LocationCode("A-01-1"),
        qty=2,
    ),
    errand("pull", "DESK", "L00001007", "take L00001007 out of lane 2: cancelled", "carry it"),
    errand("search", "DESK", "L00001008", "L00001008 was last seen at tunnel1", "find or lose it"),
    errand("ask_short", "DESK", "shop:1009", "1 of 2 SKU-003 found", "ship_partial, hold"),
)


async def busy(bench: Bench, down: str = "print1") -> None:
    await bench.site()
    names = [str(name) for name in bench.gateway.settings.map.devices]
    bench.up.update(set(names) - {down})
    devices = [
        Device(
            id=DeviceId(name),
            up=name != down,
            reason="closed by the printer" if name == down else "",
            since=T0,
        )
        for name in names
    ]
    await bench.save(*devices, *_orders(), *_cartons(), *_lanes(), *ERRANDS, *_stock(), pick())
    await bench.save(lamp("A-04", 3, flash=True), lamp("A-09", 12), lamp("A-11", 1, answered=False))
    await bench.emit(*_done())
    bench.rules["LightPressed"] = lambda tx: tx.answer("refused", "A-03: the lamp was dark")
    drive(bench, 4.0, 8.0)


def lamp(light: str, qty: int, *, answered: bool = True, flash: bool = False) -> LightWanted:
    return LightWanted(
        device=DeviceId("ptl_a"),
        light=LightId(light),
        task=TaskId("12.2"),
        colour="green",
        qty=qty,
        flash=flash,
        answered=answered,
    )


def drive(bench: Bench, x: float, y: float) -> None:
    """The vehicle says where it is."""
    for tag, value in (("x", x), ("y", y), ("battery", 83.0), ("driving", True)):
        bench.live.put(DeviceId("amr1"), tag, Value(value, bench.now()))


def _orders() -> list[Any]:
    held = order(1001, "held", reason="SKU GHOST-1 is not known", cutoff=None)
    late = order(1010, "waiting", cutoff=T0 - timedelta(minutes=2))
    made = [held, late, order(1002, "waiting"), order(1003, "picking"), order(1004, "packed")]
    made += [order(1005, "packed"), *(order(n, "sorted") for n in range(1020, 1027))]
    made += [order(n, "shipped") for n in range(1030, 1053)]
    made += [order(1006, "cancelling"), order(1060, "cancelled")]
    queue = [
        Waiting(key=f"{o.cutoff}|{o.key}", order=o.key, station=StationId("PICK-A"))
        for o in (late, made[2])
    ]
    return [*made, *queue]


def _cartons() -> list[Carton]:
    return [
        carton(1003, "picking", "PICK-A"),
        carton(1004, "picked", "HANDOVER"),
        carton(1011, "picked", "HANDOVER"),
        carton(1012, "riding", "amr1"),
        carton(1013, "riding", "amr1"),
        carton(1014, "moving", "scan_pack1"),
        carton(1015, "moving", "tunnel1"),
        carton(1005, "hospital", "HOSPITAL", fault="wrong weight", remedy="check contents"),
        carton(1020, "sorted", "lane 1", lane=LaneId("1"), load="5-1"),
    ]


def _lanes() -> list[Any]:
    sorter = DeviceId("sorter1")
    return [
        Lane(sorter=sorter, lane=LaneId("1"), load="5-1"),
        Lane(sorter=sorter, lane=LaneId("2"), full=True),
        Load(
            key="5-1",
            lane=LaneId("1"),
            carrier=CarrierId("swift"),
            cutoff=T0 + timedelta(minutes=10),
            state="open",
            cartons=7,
        ),
    ]


def _stock() -> list[Any]:
    made: list[Any] = []
    for n, name in ((1, "Mug, blue"), (2, "Mug, white"), (3, "Tea towel")):
        sku = Sku(f"SKU-00{n}")
        made += [
            Item(
                owner=ACME,
                sku=sku,
                name=name,
                barcodes=(Barcode(f"950600000001{n}"),),
                weight_g=300,
                case_size=10,
            ),
            StockTotal(owner=ACME, sku=sku, on_hand=5000, allocated=2, told=(5000, 4998)),
            Balance(account=Account(f"shelf:A-0{n}-1"), owner=ACME, sku=sku, qty=5000, allocated=2),
            Balance(account=Account("opening"), owner=ACME, sku=sku, qty=-5000),
        ]
    return made


def _done() -> list[Any]:
    made: list[Any] = []
    for n in range(1020, 1027):
        lpn, of = Lpn(f"L{n:08}"), OrderKey(f"shop:{n}")
        routed = CartonRouted(
            lpn=lpn,
            order=of,
            device=DeviceId("sorter1"),
            track=n,
            lane=LaneId("1"),
            why="as ordered",
            before=T0 + timedelta(milliseconds=1200),
            at=T0,
        )
        picked = LinePicked(
            order=of,
            lpn=lpn,
            location=LocationCode("A-01-1"),
            sku=Sku("SKU-001"),
            qty=2,
            by="anna",
            at=T0,
        )
        made += [
            picked,
            routed,
            CartonSorted(lpn=lpn, order=of, lane=LaneId("1"), load="5-1", at=T0),
        ]
    return made
