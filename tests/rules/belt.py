"""The conveyor of the demo site: a floor whose cartons ride, are weighed, labelled and sorted."""

from datetime import datetime
from typing import Any, Literal

from tests.rules.site import ACME, Floor, at
from wcs import stock
from wcs.commands import LabelWanted
from wcs.events import Event
from wcs.model import Carton, Errand, Trip
from wcs.names import Barcode, CarrierId, DeviceId, LaneId, LocationCode, Lpn, Sku, StationId
from wcs.observations import (
    DeviceUp,
    DivertConfirmed,
    Due,
    HospitalSolved,
    LabelIssued,
    LabelPrinted,
    LaneChanged,
    PutBack,
    Scanned,
    TripProgressed,
    VehicleChanged,
    Weighed,
)
from wcs.site import Site

A = "L00000001"
B = "L00000002"
TRACKING = {A: "SW0000000001", B: "SW0000000002"}
Result = Literal["diverted", "lane_full", "jam", "no_decision", "recirculated"]
Step = Literal["picked", "dropped", "rejected", "failed"]
Remedy = Literal["reprint", "relabel", "accept_weight", "reinduct", "emptied"]
AMR, PRINT1, PRINT2 = DeviceId("amr1"), DeviceId("print1"), DeviceId("print2")
SORTER = DeviceId("sorter1")


class Belt(Floor):
    """Every step takes one second of `now`."""

    def __init__(self, adopted: Site | None = None) -> None:
        super().__init__(adopted)
        self.now_s = 10.0
        for device in (AMR, PRINT1, PRINT2, SORTER, DeviceId("merge1")):
            self.says(DeviceUp(device=device, at=at(0)))
        self.says(VehicleChanged(vehicle=AMR, ready=True, reason="", node="HANDOVER", at=at(0)))
        self.stocked(("A-01-1", "MUG", 50))

    @property
    def now(self) -> datetime:
        return at(self.now_s)

    def later(self, seconds: float = 1) -> datetime:
        self.now_s += seconds
        return self.now

    def carton(self, lpn: str = A) -> Carton:
        return self.has(Carton, lpn)

    def picked(self, lpn: str = A, number: str = "1", qty: int = 2, **changes: Any) -> list[Event]:
        """The order is in its carton, which stands at the hand-over node: 380 g for 2 pieces."""
        self.orders(number, ("MUG", qty), **changes)
        return self.picks(lpn)

    def dispatched(self) -> str:
        """The vehicle is sent for whatever waits; the trip's key."""
        self.says(Due(key=f"dispatch:{AMR}", at=self.later(60)))
        (trip,) = (t for t in self.tx.find(Trip) if t.state in ("sent", "carrying"))
        return trip.key

    def trip(self, key: str, step: Step, *lpns: str, text: str = "") -> list[Event]:
        return self.says(
            TripProgressed(
                vehicle=AMR,
                trip=key,
                step=step,
                lpns=tuple(Lpn(lpn) for lpn in lpns),
                text=text,
                at=self.later(),
            )
        )

    def carried(self, lpn: str = A, **order: Any) -> list[Event]:
        self.picked(lpn, **order)
        key = self.dispatched()
        self.trip(key, "picked", lpn)
        return self.trip(key, "dropped", lpn)

    def at_pack(self, *codes: str) -> list[Event]:
        return self._read("scan_pack1", *codes)

    def weighs(self, grams: int = 380, after_s: float = 1) -> list[Event]:
        return self.says(Weighed(scale=DeviceId("scale1"), grams=grams, at=self.later(after_s)))

    def issued(self, lpn: str = A, tracking: str | None = None) -> list[Event]:
        number = tracking or TRACKING[lpn]
        return self.says(
            LabelIssued(
                lpn=Lpn(lpn),
                carrier=CarrierId("swift"),
                tracking=number,
                zpl=f"^XA^BC^FD{lpn}^FS^BC^FD{number}^FS^XZ",
                at=self.later(),
            )
        )

    def printed(self, lpn: str = A, printer: DeviceId = PRINT1) -> list[Event]:
        return self.says(LabelPrinted(printer=printer, lpn=Lpn(lpn), at=self.later()))

    def packed(self, lpn: str = A, **order: Any) -> list[Event]:
        self.carried(lpn, **order)
        self.at_pack(lpn)
        self.weighs()
        self.issued(lpn)
        return self.printed(lpn)

    def tunnel(self, track: int, *codes: str, after_s: float = 1) -> list[Event]:
        return self._read("tunnel1", *codes, trigger=track, after_s=after_s)

    def confirms(self, track: int, lane: str, result: Result = "diverted") -> list[Event]:
        return self.says(
            DivertConfirmed(
                sorter=SORTER, track=track, lane=LaneId(lane), result=result, at=self.later()
            )
        )

    def sorted(self, lpn: str = A, track: int = 1, **order: Any) -> list[Event]:
        self.packed(lpn, **order)
        self.tunnel(track, lpn, TRACKING[lpn])
        return self.confirms(track, "1")

    def in_hospital(self, *codes: str, track: int = 90) -> list[Event]:
        self.tunnel(track, *codes)
        return self.confirms(track, "3")

    def hand_scan(self, code: str) -> list[Event]:
        return self._read("hand2", code)

    def solves(self, remedy: Remedy, lpn: str = A) -> list[Event]:
        return self.says(HospitalSolved(lpn=Lpn(lpn), remedy=remedy, by="anna", at=self.later()))

    def puts_back(self, qty: int, lpn: str = A, location: str = "A-01-1") -> list[Event]:
        return self.says(
            PutBack(
                lpn=Lpn(lpn),
                sku=Sku("MUG"),
                location=LocationCode(location),
                qty=qty,
                by="bo",
                at=self.later(),
            )
        )

    def lane(self, lane: str, *, full: bool = False, jam: bool = False) -> list[Event]:
        return self.says(
            LaneChanged(sorter=SORTER, lane=LaneId(lane), full=full, jam=jam, at=self.later())
        )

    def due(self, key: str, after_s: float = 1) -> list[Event]:
        return self.says(Due(key=key, at=self.later(after_s)))

    def fires(self, key: str) -> list[Event]:
        """The timer, at the time for which it was set."""
        when = self.tx.timers.pop(key)
        self.now_s = max(self.now_s, (when - at(0)).total_seconds())
        return self.says(Due(key=key, at=when))

    def wanted_labels(self) -> dict[str, str]:
        """Which labels are wanted at which printer."""
        return {want.lpn: want.device for want in self.tx.find(LabelWanted)}

    def errands(self, station: str = "DESK") -> dict[str, str]:
        """Their key and what they say."""
        found = self.tx.find(Errand, station=StationId(station))
        return {errand.key: errand.text for errand in found}

    def holds(self, account: str, sku: str = "MUG") -> int:
        return stock.balance(self.tx, account, ACME, Sku(sku)).qty  # type: ignore[arg-type]

    def _read(
        self, scanner: str, *codes: str, trigger: int | None = None, after_s: float = 1
    ) -> list[Event]:
        return self.says(
            Scanned(
                scanner=DeviceId(scanner),
                codes=tuple(Barcode(code) for code in codes),
                trigger=trigger,
                at=self.later(after_s),
            )
        )
