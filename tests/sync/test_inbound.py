"""What a shop sends: only what it signed, only what is an order, and known again when repeated."""

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.inbound import BadOrder, BadSignature, heard_by_webhook, verify
from wcs.names import ChannelId
from wcs.observations import OrderCancelAsked, OrderPlaced

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
ORDER: dict[str, Any] = {
    "number": "1001",
    "version": 1,
    "status": "open",
    "lines": [{"line": 1, "sku": "SKU-001", "qty": 2}],
    "service": "standard",
    "paid": True,
    "ship_to": {"name": "Ada", "street": "1 Loop", "city": "Paris"},
    "placed_at": "2026-11-21T09:59:00Z",
    "updated": 17,
}


def signed(body: bytes, secret: str = "s3cret", stamp: str = STAMP) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"m1.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": signature}


def test_the_signature_of_the_standard_is_taken() -> None:
    body = b'{"odd": "\\u00e9\xc3\xa9"}'
    verify(["old", "s3cret"], signed(body), body, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        signed(b"{} "),
        signed(b"{}", secret="other"),
        signed(b"{}", stamp=str(int(NOW.timestamp()) - 301)),
        {"webhook-id": "m1"},
        {**signed(b"{}"), "webhook-timestamp": "soon"},
        {**signed(b"{}"), "webhook-id": "m2"},
    ],
)
def test_altered_old_and_foreign_deliveries_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(["s3cret"], headers, b"{}", NOW)


def body_of(kind: str, order: Any) -> bytes:
    return json.dumps({"type": kind, "order": order}).encode()


def test_an_order_keeps_names_beside_the_journal() -> None:
    heard = heard_by_webhook(ChannelId("shop"), body_of("order.placed", ORDER), NOW)
    assert isinstance(heard.observation, OrderPlaced)
    assert heard.observation.lines[0].qty == 2
    assert heard.key == "shop:order:1001:1"
    assert "Ada" in heard.private["shop:1001"]
    assert "Ada" not in repr(heard.observation)


def test_a_cancellation_needs_only_its_number() -> None:
    heard = heard_by_webhook(
        ChannelId("shop"), body_of("order.cancelled", {"number": "1001", "version": 2}), NOW
    )
    assert isinstance(heard.observation, OrderCancelAsked)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"lines": []}, "order.lines"),
        ({"lines": [{"line": 1, "sku": "A", "qty": 0}]}, "order.lines.0.qty"),
        ({"number": "10/01"}, "order.number"),
        ({"colour": "red"}, "order.colour"),
        ({"paid": None}, "order.paid"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadOrder, match=place):
        heard_by_webhook(ChannelId("shop"), body_of("order.placed", {**ORDER, **change}), NOW)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_order_or_a_bad_order(body: bytes) -> None:
    with contextlib.suppress(BadOrder):
        heard_by_webhook(ChannelId("shop"), body, NOW)
