"""What a shop tells us, by webhook or by poll: verified, parsed, and known again when it repeats.

Signatures: Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wcs.names import ChannelId, Sku
from wcs.observations import Observation, OrderCancelAsked, OrderPlaced, WantedLine

TOLERANCE_S = 300


class BadSignature(Exception):
    """Not from the shop, altered, or too old."""


class BadOrder(Exception):
    """The body is not an order; the words name the field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Line(_Strict):
    line: int = Field(ge=1)
    sku: str = Field(min_length=1, max_length=64)
    qty: int = Field(ge=1, le=1_000_000)


class _ShipTo(_Strict):
    name: str = Field("", max_length=200)
    street: str = Field("", max_length=200)
    city: str = Field("", max_length=200)


class ShopOrder(_Strict):
    """ORDER of docs/wires.md section 10."""

    number: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")
    version: int = Field(ge=1)
    status: Literal["open", "cancelled"] = "open"
    lines: tuple[_Line, ...] = Field(min_length=1, max_length=500)
    service: str = Field(max_length=64)
    paid: bool
    ship_to: _ShipTo = _ShipTo(name="", street="", city="")
    placed_at: datetime
    updated: int = 0


class _Cancelled(_Strict):
    number: str = Field(min_length=1, max_length=64)
    version: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """One observation from a host, its source key and what lies beside the journal."""

    observation: Observation
    key: str
    private: Mapping[str, str]


def verify(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises BadSignature unless one of the live secrets signed `id.timestamp.body` just now."""
    try:
        delivery, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split()
        age_s = abs(now.timestamp() - int(stamp))
    except (KeyError, ValueError) as err:
        raise BadSignature("the webhook-id, -timestamp and -signature headers are needed") from err
    if age_s > TOLERANCE_S:
        raise BadSignature(f"signed {age_s:.0f} s from now; {TOLERANCE_S} s are allowed")
    signed = f"{delivery}.{stamp}.".encode() + body
    wanted = [_signature(secret, signed) for secret in secrets]
    if not any(hmac.compare_digest(w, s.encode()) for w in wanted for s in signatures):
        raise BadSignature("no signature of this delivery fits our secret")


def _signature(secret: str, signed: bytes) -> bytes:
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return b"v1," + base64.b64encode(digest)


def heard_by_webhook(channel: ChannelId, body: bytes, at: datetime) -> Heard:
    """Raises BadOrder with the field's name."""
    try:
        message = json.loads(body)
        kind, order = message["type"], message["order"]
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        raise BadOrder("the body must be JSON with `type` and `order`") from err
    if kind == "order.cancelled":
        return _cancelled(channel, order, at)
    if kind in ("order.placed", "order.changed"):
        return heard_order(channel, order, at)
    raise BadOrder(f"type {kind!r} is not known; order.placed, order.changed or order.cancelled")


def heard_order(channel: ChannelId, order: Any, at: datetime) -> Heard:
    """An ORDER in its present state, as a poll gives it. Raises BadOrder."""
    read = _read(ShopOrder, order)
    if read.status == "cancelled":
        return _cancel(channel, read.number, read.version, at)
    customer = f"{channel}:{read.number}"
    placed = OrderPlaced(
        channel=channel,
        number=read.number,
        version=read.version,
        lines=tuple(WantedLine(line=n.line, sku=Sku(n.sku), qty=n.qty) for n in read.lines),
        service=read.service,
        paid=read.paid,
        customer=customer,
        placed_at=read.placed_at,
        at=at,
    )
    key = f"{channel}:order:{read.number}:{read.version}"
    return Heard(placed, key, {customer: read.ship_to.model_dump_json()})


def _cancelled(channel: ChannelId, order: Any, at: datetime) -> Heard:
    known = _known(order)
    read = _read(_Cancelled, known)
    return _cancel(channel, read.number, read.version, at)


def _cancel(channel: ChannelId, number: str, version: int, at: datetime) -> Heard:
    asked = OrderCancelAsked(channel=channel, number=number, version=version, at=at)
    return Heard(asked, f"{channel}:cancel:{number}", {})


def _read(model: type[Any], value: Any) -> Any:
    try:
        return model.model_validate(value)
    except ValidationError as err:
        first = err.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "order"
        raise BadOrder(f"order.{place}: {first['msg']}") from err


def _known(order: Any) -> dict[str, Any]:
    """A cancellation may carry the whole order; only its number and version count."""
    if not isinstance(order, dict):
        raise BadOrder("order: must be an object")
    return {name: order[name] for name in ("number", "version") if name in order}
