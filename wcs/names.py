"""The identities of the floor: one type per kind of name, so that a lane is never a light."""

from typing import Literal, NewType

DeviceId = NewType("DeviceId", str)
"""A device of the map: scanner, sorter, merge, zone of lights, scale, printer, vehicle."""
StationId = NewType("StationId", str)
"""A place where a person works: a pick zone, the hospital, the count desk."""
LaneId = NewType("LaneId", str)
LightId = NewType("LightId", str)
LocationCode = NewType("LocationCode", str)
Lpn = NewType("Lpn", str)
"""Licence plate of one shipping carton: free, bound, in transit, sorted, free again."""
Sku = NewType("Sku", str)
Owner = NewType("Owner", str)
"""The client whose goods these are (3PL); part of every item, order and stock key."""
ChannelId = NewType("ChannelId", str)
CarrierId = NewType("CarrierId", str)
OrderKey = NewType("OrderKey", str)
"""`channel:number`, the shop's own number made unique across channels."""
TaskId = NewType("TaskId", str)
Barcode = NewType("Barcode", str)
Account = NewType("Account", str)
"""A side of the stock ledger: `shelf:LOC`, `carton:LPN`, `putback:LPN`, `shipped`, `opening`,
`count`, `lost`."""

DoorEnd = Literal["open", "closed"]
DoorState = Literal["open", "closed", "moving", "blocked", "stuck", "unknown"]
"""Only an open door is passed. Blocked: something is in its way; stuck: it takes too long."""

Mode = Literal["off", "observe", "manual", "automatic"]
"""How far a device is trusted to us."""


def order_key(channel: ChannelId, number: str) -> OrderKey:
    return OrderKey(f"{channel}:{number}")
