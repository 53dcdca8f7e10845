"""The backstop for lost webhooks: everything that changed at the shop since our cursor.

The cursor moves only after every order of the page was settled, so a crash reads the page again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from sqlite3 import Connection
from typing import Any, Protocol

from sync.connectors.port import HostError
from sync.inbound import BadOrder, Heard, heard_order
from sync.relay import Work
from wcs.names import ChannelId

log = logging.getLogger(__name__)
PAGE = 100


class ChangedOrders(Protocol):
    async def changed_orders(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int]: ...


Hear = Callable[[Heard], Awaitable[None]]
"""Puts what was heard into the inbox and returns once it is settled; waits while it is full."""


async def poll(
    channel: ChannelId,
    shop: ChangedOrders,
    store: Work,
    hear: Hear,
    now: Callable[[], datetime],
    every_s: float,
) -> None:
    lost = False
    while True:
        try:
            more = await _page(channel, shop, store, hear, now)
            lost = False
        except HostError as err:
            if not lost:
                log.warning("orders of %s cannot be polled: %s", channel, err)
            lost, more = True, False
        if not more:
            await asyncio.sleep(every_s)


async def _page(
    channel: ChannelId, shop: ChangedOrders, store: Work, hear: Hear, now: Callable[[], datetime]
) -> bool:
    after = await store.work(lambda db: _cursor(db, channel))
    orders, cursor = await shop.changed_orders(after, PAGE)
    for order in orders:
        try:
            await hear(heard_order(channel, order, now()))
        except BadOrder as err:
            log.error("%s sent an order that cannot be read: %s", channel, err)
    if cursor != after:
        await store.work(lambda db: _move(db, channel, cursor))
    return len(orders) == PAGE


def _cursor(db: Connection, channel: ChannelId) -> int:
    row = db.execute("SELECT value FROM meta WHERE key=?", (f"cursor:{channel}",)).fetchone()
    return int(row[0]) if row else 0


def _move(db: Connection, channel: ChannelId, cursor: int) -> None:
    db.execute(
        "INSERT INTO meta(key, value) VALUES(?,?)"
        " ON CONFLICT(key) DO UPDATE SET value=excluded.value",
        (f"cursor:{channel}", str(cursor)),
    )
