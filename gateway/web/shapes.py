"""What the reading half of the API gives: made from entities by attribute, told to OpenAPI."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class LineShape(Shape):
    line: int = Field(examples=[1])
    sku: str = Field(examples=["SKU-001"])
    qty: int = Field(examples=[2])
    picked: int = Field(examples=[2])
    cancelled: int = Field(examples=[0])


class OrderShape(Shape):
    key: str = Field(examples=["shop:1001"])
    channel: str = Field(examples=["shop"])
    number: str = Field(examples=["1001"])
    owner: str = Field(examples=["ACME"])
    state: str = Field(examples=["sorted"])
    reason: str = Field(examples=[""])
    lines: list[LineShape]
    service: str = Field(examples=["standard"])
    carrier: str | None = Field(examples=["swift"])
    paid: bool
    received_at: datetime
    cutoff: datetime | None
    lpn: str | None = Field(examples=["L00004711"])
    tracking: str | None = Field(examples=["SW0000000042"])
    told: int = Field(
        description="how far the shop knows: 0 nothing, 1 acknowledged, 2 picking, 3 packed,"
        " 4 shipped, 5 cancelled",
        examples=[3],
    )


class OrderPage(Shape):
    orders: list[OrderShape]
    next: str | None = Field(description="give it as `after` for the next page", examples=[None])


class StockShape(Shape):
    owner: str = Field(examples=["ACME"])
    sku: str = Field(examples=["SKU-001"])
    on_hand: int = Field(examples=[5000])
    allocated: int = Field(examples=[12])
    in_count: int = Field(examples=[0])
    available: int = Field(description="before a channel's safety stock", examples=[4988])
    told: dict[str, int] | None = Field(description="as the hosts last heard")


class StockPage(Shape):
    stock: list[StockShape]
    next: str | None = Field(examples=["ACME|SKU-100"])


class CartonShape(Shape):
    lpn: str = Field(examples=["L00004711"])
    order: str = Field(examples=["shop:1001"])
    state: str = Field(examples=["sorted"])
    place: str = Field(examples=["lane 1"])
    next: str | None
    seen_at: datetime
    expected_g: int = Field(examples=[820])
    measured_g: int | None = Field(examples=[823])
    tracking: str | None = Field(examples=["SW0000000042"])
    carrier: str | None = Field(examples=["swift"])
    lane: str | None = Field(examples=["1"])
    load: str | None
    loops: int = Field(examples=[0])
    fault: str | None
    remedy: str | None
    cancelled: bool
    overdue: bool
    life: list[dict[str, Any]] = Field(
        default_factory=list,
        description="events in order, each with what it was decided on, commands and receipts",
    )


class TagShape(Shape):
    name: str = Field(examples=["lane1.full"])
    value: bool | int | float | str | None = Field(examples=[False])
    unit: str = Field(examples=[""])
    quality: str = Field(examples=["good"])
    reason: str = Field(examples=[""])
    at: datetime


class DeviceShape(Shape):
    id: str = Field(examples=["sorter1"])
    kind: str = Field(examples=["divert-sorter"])
    area: str = Field(examples=["SHIPPING"])
    health: str = Field(examples=["up"])
    why: str = Field(examples=["connected"])
    since: datetime | None
    insecure: bool
    mode: str = Field(examples=["automatic"])
    simulated: bool = Field(description="its simulator answers in its place")
    binding: dict[str, str | int] = Field(
        description="what is not as in the map since it was replaced", examples=[{}]
    )
    tags: list[TagShape]


class EventShape(Shape):
    n: int = Field(examples=[4711])
    id: str = Field(examples=["1234-2"])
    kind: str = Field(examples=["CartonSorted"])
    at: datetime
    rule: str = Field(examples=["on_divert_confirmed"])
    body: dict[str, Any]


class EventPage(Shape):
    events: list[EventShape]
    next: int = Field(description="give it as `after`: the same again when nothing is new")


class MessageShape(Shape):
    id: str = Field(examples=["1234-2|shop"])
    host: str = Field(examples=["shop"])
    key: str = Field(examples=["order:1001"])
    kind: str = Field(examples=["status"])
    state: str = Field(examples=["waiting"])
    attempts: int = Field(examples=[0])
    next_at: datetime
    created_at: datetime
    done_at: datetime | None
    last_error: str | None


class HostShape(Shape):
    host: str = Field(examples=["shop"])
    waiting: int = Field(examples=[0])
    parked: int = Field(examples=[0])
    oldest: datetime | None
    last_error: str | None
    down: str | None = Field(description="why it does not answer now", examples=[None])


class OutboxShape(Shape):
    hosts: list[HostShape]
    messages: list[MessageShape] = Field(description="the newest first")


class TaskShape(Shape):
    task: str = Field(examples=["12-3"])
    pick: str = Field(examples=["12-1"])
    order: str = Field(examples=["shop:1001"])
    lpn: str | None = Field(examples=["L00000001"])
    state: str = Field(examples=["picking"])
    location: str = Field(examples=["A-01-1"])
    light: str = Field(examples=["A-01"])
    lamp: str = Field("", description="what is wrong with the light; empty when it does its part")
    sku: str = Field(examples=["SKU-001"])
    name: str = Field(examples=["Mug, blue"])
    barcodes: list[str] = Field(examples=[["9506000000015"]])
    qty: int = Field(examples=[3])
    step: int = Field(examples=[2])
    steps: int = Field(examples=[5])


class ErrandShape(Shape):
    key: str = Field(examples=["count:A-06-2"])
    kind: str = Field(examples=["count"])
    subject: str = Field(examples=["A-06-2"])
    text: str = Field(examples=["count RARE-01 at A-06-2"])
    remedy: str
    sku: str | None = Field(examples=["RARE-01"])
    location: str | None = Field(examples=["A-06-2"])
    qty: int = Field(examples=[0])
    asked_at: datetime


class ByHandShape(Shape):
    task: str = Field(examples=["12-3"])
    location: str = Field(examples=["A-02-1"])
    light: str = Field(examples=["A-03"])
    lamp: str = Field(examples=["Light A-03 does not answer."])
    sku: str = Field(examples=["SKU-001"])
    name: str = Field(examples=["Mug, blue"])
    qty: int = Field(examples=[3])


class WorkShape(Shape):
    station: str = Field(examples=["PICK-A"])
    task: TaskShape | None
    by_hand: list[ByHandShape] = Field(description="open picks whose lights have failed")
    errands: list[ErrandShape]
