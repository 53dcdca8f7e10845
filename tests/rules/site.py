"""The demo site as values, and a floor on which rules are told what happened and asked what
became of it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sync.memory import MemoryTx, run
from wcs import decide
from wcs.events import Event
from wcs.model import Order, Pick, Step, StockTotal
from wcs.names import (
    Barcode,
    CarrierId,
    ChannelId,
    DeviceId,
    LaneId,
    LightId,
    LocationCode,
    Owner,
    Sku,
    StationId,
)
from wcs.observations import (
    ItemDefined,
    LightPressed,
    OrderCancelAsked,
    OrderPlaced,
    Scanned,
    SiteChanged,
    StockOpened,
    WantedLine,
)
from wcs.ports import Entity
from wcs.site import (
    Carrier,
    Channel,
    Hospital,
    Merge,
    MergeLane,
    PackLine,
    Patience,
    Site,
    Sorter,
    SortLane,
    Trips,
    Zone,
)

T0 = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ACME = Owner("ACME")
SHOP = ChannelId("shop")
PTL, HAND1, HAND2 = DeviceId("ptl_a"), DeviceId("hand1"), DeviceId("hand2")
PICK_A = StationId("PICK-A")

WALK = ["STACK", "B1", "B2", "B3", "B4", "B5", "B6", "HANDOVER"]
PLACES = {
    "STACK": (0.0, 0.0),
    "B1": (2.0, 0.0),
    "B2": (4.0, 0.0),
    "B3": (6.0, 0.0),
    "B4": (6.0, 3.0),
    "B5": (4.0, 3.0),
    "B6": (2.0, 3.0),
    "HANDOVER": (0.0, 3.0),
    "M1": (0.0, 8.0),
    "M2": (10.0, 8.0),
    "INDUCT": (10.0, 4.0),
}
EDGES = [
    ("STACK", "B1", 2.0),
    ("B1", "B2", 2.0),
    ("B2", "B3", 2.0),
    ("B3", "B4", 3.0),
    ("B4", "B5", 2.0),
    ("B5", "B6", 2.0),
    ("B6", "HANDOVER", 2.0),
    ("HANDOVER", "STACK", 3.0),
    ("B2", "B5", 3.0),
    ("HANDOVER", "M1", 5.0),
    ("M1", "M2", 10.0),
    ("M2", "INDUCT", 4.0),
]
KINDS = {"STACK": "depot", "HANDOVER": "dock", "INDUCT": "dock", "M1": "point", "M2": "point"}
LOCATIONS = [LocationCode(f"A-0{bay}-{level}") for bay in range(1, 7) for level in (1, 2)]
LIGHT_OF = {place: LightId(f"A-{n:02}") for n, place in enumerate(LOCATIONS, start=1)}


def layout() -> str:
    nodes = [
        {"id": id, "x": x, "y": y, "kind": KINDS.get(id, "bay")} for id, (x, y) in PLACES.items()
    ]
    edges = [{"u": u, "v": v, "length_m": length} for u, v, length in EDGES]
    places = [
        {"code": code, "node": f"B{code[3]}", "side": "left", "level": int(code[5])}
        for code in LOCATIONS
    ]
    return json.dumps({"name": "demo", "nodes": nodes, "edges": edges, "locations": places})


def site(**changes: Any) -> Site:
    parts: dict[str, Any] = {
        "name": "Wedge demo warehouse",
        "simulated": True,
        "zones": (
            Zone(
                station=PICK_A,
                lights=PTL,
                display=LightId("A-00"),
                scanner=HAND1,
                colour="green",
                start="STACK",
                end="HANDOVER",
                light_of=LIGHT_OF,
            ),
        ),
        "trips": Trips(
            vehicle=DeviceId("amr1"),
            pick_node="HANDOVER",
            drop_node="INDUCT",
            map_id="DEMO-1",
            nodes={node: (*PLACES[node], 0.0) for node in ("HANDOVER", "M1", "M2", "INDUCT")},
            way=("HANDOVER", "M1", "M2", "INDUCT"),
            capacity=6,
            dispatch_after_s=60.0,
        ),
        "merge": Merge(
            device=DeviceId("merge1"),
            lanes=(
                MergeLane(lane=LaneId("1"), priority=5, source="vehicle"),
                MergeLane(lane=LaneId("2"), priority=8, source="hospital"),
            ),
        ),
        "pack": PackLine(
            scanner=DeviceId("scan_pack1"),
            scale=DeviceId("scale1"),
            printer=DeviceId("print1"),
            pair_within_s=2.0,
            carton_g=180,
            tolerance_percent=3.0,
            tolerance_g=40,
        ),
        "sorter": Sorter(
            device=DeviceId("sorter1"),
            scanner=DeviceId("tunnel1"),
            travel_s=1.2,
            read_within_s=0.4,
            lanes=(
                SortLane(lane=LaneId("1"), door="DOOR-1"),
                SortLane(lane=LaneId("2"), door="DOOR-2"),
            ),
            hospital=LaneId("3"),
            recirculate=LaneId("0"),
            max_loops=3,
        ),
        "hospital": Hospital(
            station=StationId("HOSPITAL"), scanner=HAND2, printer=DeviceId("print2")
        ),
        "counter": StationId("DESK"),
        "channels": (
            Channel(
                id=SHOP,
                owner=ACME,
                on_short="ship_partial",
                safety_stock=0,
                services={"standard": CarrierId("swift"), "express": CarrierId("parcelo")},
            ),
        ),
        "carriers": (
            Carrier(
                id=CarrierId("swift"),
                lane=LaneId("1"),
                ship_on="load_close",
                cutoff_every_s=600.0,
            ),
            Carrier(
                id=CarrierId("parcelo"),
                lane=LaneId("2"),
                ship_on="load_close",
                cutoff_every_s=480.0,
            ),
        ),
        "patience": Patience(
            to_vehicle_s=600.0,
            to_scale_s=300.0,
            to_tunnel_s=240.0,
            to_divert_s=20.0,
            in_hospital_s=1800.0,
            lamp_s=1.5,
            trip_s=600.0,
            label_s=5.0,
        ),
        "layout": layout(),
    }
    return Site(**(parts | changes))


def shop(**changes: Any) -> tuple[Channel, ...]:
    """The one channel, with changes: `site(channels=shop(on_short="hold"))`."""
    parts: dict[str, Any] = {
        "id": SHOP,
        "owner": ACME,
        "on_short": "ship_partial",
        "safety_stock": 0,
        "services": {"standard": CarrierId("swift"), "express": CarrierId("parcelo")},
    }
    return (Channel(**(parts | changes)),)


def at(seconds: float = 0) -> datetime:
    return T0 + timedelta(seconds=seconds)


E = TypeVar("E", bound=Event)
K = TypeVar("K", bound=Entity)


class Floor:
    """A warehouse that is told one observation after the other, on the in-memory store."""

    def __init__(self, adopted: Site | None = None) -> None:
        self.tx = MemoryTx()
        self.site = adopted or site()
        self.says(SiteChanged(site=self.site, by="anna", at=T0))

    def says(self, observation: Any) -> list[Event]:
        """What was decided to be true because of it."""
        return run(decide.rule(observation), self.tx).events

    @property
    def answer(self) -> tuple[str, str]:
        return self.tx.outcome, self.tx.reason

    @property
    def commands(self) -> list[Any]:
        """What the last observation asked of the devices."""
        return [command for _, command in self.tx.commands]

    def stocked(self, *shelves: tuple[str, str, int]) -> "Floor":
        """`(location, sku, qty)`; items that are not known yet are defined with 100 g each."""
        for location, sku, qty in shelves:
            self.knows(sku)
            self.says(
                StockOpened(
                    location=LocationCode(location),
                    owner=ACME,
                    sku=Sku(sku),
                    qty=qty,
                    by="anna",
                    at=T0,
                )
            )
        return self

    def knows(self, sku: str, weight_g: int = 100) -> list[Event]:
        return self.says(
            ItemDefined(
                sku=Sku(sku),
                owner=ACME,
                name=f"The {sku}",
                barcodes=(),
                weight_g=weight_g,
                case_size=1,
                by="anna",
                at=T0,
            )
        )

    def has(self, kind: type[K], key: str) -> K:
        found = self.tx.get(kind, key)
        assert found is not None, f"no {kind.__name__} {key}"
        return found

    def changes(self, thing: Any, **fields: Any) -> None:
        """A row as another process would have left it."""
        self.tx.save(replace(thing, **fields))

    def order(self, number: str) -> Order:
        return self.has(Order, f"{SHOP}:{number}")

    def level(self, sku: str) -> tuple[int, int]:
        """On hand and available, as the hosts last heard."""
        told = self.has(StockTotal, f"{ACME}|{sku}").told
        assert told is not None
        return told

    @property
    def pick(self) -> Pick:
        """The one open pick of the zone."""
        (pick,) = (p for p in self.tx.find(Pick) if p.state in ("carton", "picking"))
        return pick

    @property
    def open_steps(self) -> list[Step]:
        return [step for step in self.pick.steps if step.state == "open"]

    def scans(self, *codes: str, scanner: str = HAND1, seconds: float = 1) -> list[Event]:
        read = tuple(Barcode(code) for code in codes)
        return self.says(Scanned(scanner=DeviceId(scanner), codes=read, at=at(seconds)))

    def presses(self, step: Step, qty: int | None = None, seconds: float = 2) -> list[Event]:
        """Confirmed in full, or with `qty`."""
        return self.says(
            LightPressed(
                zone=PTL,
                light=step.light,
                task=step.task,
                button="confirm",
                qty=step.qty if qty is None else qty,
                at=at(seconds),
            )
        )

    def picks(self, plate: str) -> list[Event]:
        """The open pick from its plate to its last lamp; what the last press decided."""
        told, pick = self.scans(plate), self.pick
        for step in pick.steps:
            told = self.presses(step)
        return told

    def asks_cancel(self, number: str, version: int = 2, seconds: float = 3) -> list[Event]:
        return self.says(
            OrderCancelAsked(channel=SHOP, number=number, version=version, at=at(seconds))
        )

    def orders(self, number: str, *lines: tuple[str, int], **changes: Any) -> list[Event]:
        return self.says(placed(number, *lines, **changes))


def placed(number: str, *lines: tuple[str, int], **changes: Any) -> OrderPlaced:
    parts: dict[str, Any] = {
        "channel": SHOP,
        "number": number,
        "version": 1,
        "lines": tuple(
            WantedLine(line=n, sku=Sku(sku), qty=qty) for n, (sku, qty) in enumerate(lines, start=1)
        ),
        "service": "standard",
        "paid": True,
        "placed_at": T0,
        "at": T0,
    }
    return OrderPlaced(**(parts | changes))


def only(events: Iterable[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
