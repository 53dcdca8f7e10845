"""Which host hears of what."""

from datetime import UTC, datetime

import pytest

from sync.connectors import demo_erp, demo_shop
from sync.connectors.port import Outgoing
from sync.mapping import Routes
from wcs.events import (
    CancelRefused,
    CartonMoved,
    Event,
    LabelRequested,
    OrderCancelled,
    OrderProgressed,
    OrderShipped,
    Parcel,
    ShippedLine,
    StockLevel,
)
from wcs.messages import dumps
from wcs.names import CarrierId, ChannelId, Lpn, OrderKey, Owner, Sku

AT = datetime(2026, 11, 21, tzinfo=UTC)
ROUTES = Routes({ChannelId("shop"): Owner("ACME"), ChannelId("other"): Owner("ZETA")})
PARCEL = Parcel(lpn=Lpn("L1"), tracking="SW1", carrier=CarrierId("swift"), weight_g=900)
LINE = ShippedLine(line=1, sku=Sku("A"), qty=2)
PROGRESS = OrderProgressed(
    order=OrderKey("shop:1"),
    channel=ChannelId("shop"),
    number="1",
    status="shipped",
    parcels=(PARCEL,),
    lines=(LINE,),
    at=AT,
)
LEVEL = StockLevel(owner=Owner("ACME"), sku=Sku("A"), on_hand=43, available=41, at=AT)
SHIPPED = OrderShipped(
    order=OrderKey("shop:1"),
    channel=ChannelId("shop"),
    number="1",
    owner=Owner("ACME"),
    load="9-1",
    partial=False,
    parcels=(PARCEL,),
    lines=(LINE,),
    at=AT,
)
LABEL = LabelRequested(
    lpn=Lpn("L1"),
    order=OrderKey("shop:1"),
    carrier=CarrierId("swift"),
    service="standard",
    weight_g=900,
    customer=None,
    at=AT,
)
GONE = OrderCancelled(
    order=OrderKey("shop:1"), channel=ChannelId("shop"), number="1", why="asked", at=AT
)
KEPT = CancelRefused(
    order=OrderKey("shop:1"), channel=ChannelId("shop"), number="1", why="shipped", at=AT
)
MOVED = CartonMoved(lpn=Lpn("L1"), order=OrderKey("shop:1"), place="tunnel1", why="read", at=AT)


@pytest.mark.parametrize(
    ("event", "hosts"),
    [
        (PROGRESS, ["shop status order:1"]),
        (LEVEL, ["shop stock stock:ACME:A", "erp stock stock:ACME:A"]),
        (SHIPPED, ["erp shipment order:shop:1"]),
        (LABEL, ["swift label L1"]),
        (GONE, ["shop cancelled order:1"]),
        (KEPT, ["shop cancel_refused order:1"]),
        (MOVED, []),
    ],
)
def test_an_event_goes_to_those_whom_it_concerns(event: Event, hosts: list[str]) -> None:
    assert [f"{m.host} {m.kind} {m.key}" for m in ROUTES(event)] == hosts


def outgoing(event: Event, number: int = 0) -> Outgoing:
    made = ROUTES(event)[number]
    return Outgoing(f"12-3|{made.host}", made.host, made.key, made.kind, dumps(event))


def test_the_shop_is_told_in_its_own_words() -> None:
    assert demo_shop.request_of(outgoing(PROGRESS)) == (
        "POST",
        "/orders/1/status",
        {
            "status": "shipped",
            "partial": False,
            "parcels": [{"lpn": "L1", "tracking": "SW1", "carrier": "swift"}],
            "lines": [{"line": 1, "sku": "A", "qty": 2}],
        },
    )
    assert demo_shop.request_of(outgoing(LEVEL)) == (
        "PUT",
        "/stock/A",
        {"available": 41, "version": 12003},
    )
    assert demo_shop.request_of(outgoing(GONE))[2] == {"result": "cancelled", "reason": "asked"}
    assert demo_shop.request_of(outgoing(KEPT))[2] == {"result": "refused", "reason": "shipped"}


def test_the_erp_hears_levels_and_shipments() -> None:
    assert demo_erp.request_of(outgoing(LEVEL, 1)) == (
        "PUT",
        "/stock/ACME/A",
        {"on_hand": 43, "version": 12003},
    )
    assert demo_erp.request_of(outgoing(SHIPPED))[2]["parcels"][0]["weight_g"] == 900
