"""A subscription that is not trusted: silence for three of its intervals, a lost value or a late
one is met by asking."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, Protocol

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from devices.errors import DeviceError, Refused, Unreachable
from devices.tags import opcua_words as words
from devices.tags.opcua_session import SESSION_MS, Line
from devices.tags.port import NoReply

SILENT: Final = 3
"""Publishing intervals without a word, with one keep-alive promised in each."""
PATIENCE_S: Final = 1.0
"""More, for the first word of a new subscription."""
AT_ONCE: Final = 500
"""Items in one request; some servers take no more (OPC 10000-5, MaxMonitoredItemsPerCall)."""
MOST: Final = 10_000
"""Values in one message of the server."""


class Told(Protocol):
    """What came of an item: a data value, or the fields of an event."""

    def __call__(self, said: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    node: ua.NodeId
    told: Told
    sampling_s: float = 0.0
    queue: int = 1
    filter: ua.EventFilter | None = None
    """Of an event item; without it the value is watched."""

    def request(self, handle: int) -> ua.MonitoredItemCreateRequest:
        events = self.filter is not None
        attribute = AttributeIds.EventNotifier if events else AttributeIds.Value
        wanted = ua.MonitoringParameters()
        wanted.ClientHandle = handle
        wanted.SamplingInterval = self.sampling_s * 1000
        wanted.QueueSize = self.queue
        wanted.Filter = self.filter
        return ua.MonitoredItemCreateRequest(
            ItemToMonitor=ua.ReadValueId(self.node, attribute),
            MonitoringMode=ua.MonitoringMode.Reporting,
            RequestedParameters=wanted,
        )


class Subscription:
    """`open`, then `run` until the line is dead.

    again: asks for everything, because something may have been missed; raises when the server does
    not answer. renewed: told the number of each new subscription. over: called when all of one
    message has been handed on.
    """

    def __init__(
        self,
        line: Line,
        items: Sequence[Item],
        interval_s: float,
        again: Callable[[], Awaitable[None]],
        renewed: Callable[[int], Awaitable[None]],
        over: Callable[[], None],
    ) -> None:
        self._line, self._items, self._interval_s = line, items, interval_s
        self._again, self._renewed, self._over = again, renewed, over
        self._loop = asyncio.get_running_loop()
        self._heard_s = self._loop.time()
        self._wake = asyncio.Event()
        self._missed = self._ended = False
        self._seq: int | None = None
        self._id = 0
        self.promised_s = interval_s
        """Something is heard at least so often."""
        self.lost = self.resubscribed = 0
        """Times that messages were missing; subscriptions that had to be made anew."""

    @property
    def heard_s(self) -> float:
        """When the last word came, in the loop's time."""
        return self._heard_s

    def doubt(self) -> None:
        """Something may have been missed: all is asked for."""
        self._missed = True
        self._wake.set()

    async def open(self) -> None:
        wanted = ua.CreateSubscriptionParameters()
        wanted.RequestedPublishingInterval = self._interval_s * 1000
        wanted.RequestedMaxKeepAliveCount = 1
        lives = max(SILENT * 3, ceil(SESSION_MS / 1000 / self._interval_s))
        wanted.RequestedLifetimeCount = lives
        wanted.MaxNotificationsPerPublish = MOST
        wanted.PublishingEnabled = True
        self._seq, self._ended = None, False
        ask = self._line.services.create_subscription(wanted, self._published)
        made = await self._line.ask(ask)
        self._id = made.SubscriptionId
        keep_alives = max(1, made.RevisedMaxKeepAliveCount)
        self.promised_s = made.RevisedPublishingInterval / 1000 * keep_alives
        self._heard_s = self._loop.time()
        await self._watch()
        await self._renewed(self._id)

    async def _watch(self) -> None:
        """All items in one request, or in as few as servers take."""
        for first in range(0, len(self._items), AT_ONCE):
            items = self._items[first : first + AT_ONCE]
            wanted = ua.CreateMonitoredItemsParameters()
            wanted.SubscriptionId = self._id
            wanted.TimestampsToReturn = ua.TimestampsToReturn.Both
            wanted.ItemsToCreate = [one.request(first + n) for n, one in enumerate(items)]
            made = await self._line.ask(self._line.services.create_monitored_items(wanted))
            for item, result in zip(items, made, strict=True):
                if not result.StatusCode.is_good():
                    told = words.of(result.StatusCode.value)
                    raise Refused(self._line.device, f"{item.name}: {told}")

    async def run(self) -> None:
        while True:
            left_s = self._heard_s + SILENT * self.promised_s - self._loop.time()
            if self._ended or left_s <= 0:
                await self._revive()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._wake.wait()
            self._wake.clear()
            if self._missed:
                self._missed = False
                with suppress(NoReply):  # counted; the next silence ends it
                    await self._again()

    async def _revive(self) -> None:
        """The server is asked; if it answers, only the subscription was dead."""
        before = self._heard_s
        try:
            await self._again()
            if self._heard_s > before and not self._ended:
                return
            await self._resubscribe()
        except NoReply as err:
            raise Unreachable(self._line.device, "fell silent and does not answer") from err
        except TimeoutError as err:
            raise Unreachable(self._line.device, "its subscriptions stay silent") from err

    async def _resubscribe(self) -> None:
        self.resubscribed += 1
        with suppress(DeviceError):  # it is dead already
            await self._line.ask(self._line.services.delete_subscriptions([self._id]))
        await self.open()
        async with asyncio.timeout(SILENT * self.promised_s + PATIENCE_S):
            await self._first_word()

    async def _first_word(self) -> None:
        opened_s = self._heard_s
        while self._heard_s == opened_s:
            self._wake.clear()
            await self._wake.wait()

    def _published(self, result: ua.PublishResult) -> None:
        self._heard_s = self._loop.time()
        self._wake.set()
        if result.SubscriptionId != self._id:
            return
        message = result.NotificationMessage
        if not message.NotificationData:
            return  # a keep-alive
        if self._seq is not None and message.SequenceNumber > self._seq + 1:
            self.lost += 1
            self.doubt()
        self._seq = message.SequenceNumber
        for part in message.NotificationData:
            self._take(part)
        self._over()

    def _take(self, part: Any) -> None:
        if isinstance(part, ua.DataChangeNotification):
            self._hand_on((one.ClientHandle, one.Value) for one in part.MonitoredItems)
        elif isinstance(part, ua.EventNotificationList):
            self._hand_on((one.ClientHandle, one.EventFields) for one in part.Events)
        elif isinstance(part, ua.StatusChangeNotification):  # the server ended it
            self._ended = True

    def _hand_on(self, said: Iterable[tuple[int, Any]]) -> None:
        for handle, what in said:
            if 0 <= handle < len(self._items):
                self._items[handle].told(what)
