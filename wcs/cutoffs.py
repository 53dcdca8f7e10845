"""When a carrier's truck leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from wcs.site import Carrier

DAY = timedelta(days=1)


def next_cutoff(carrier: Carrier, after: datetime) -> datetime:
    """The carrier's next departure later than `after` (UTC); midnight when it names none.

    `cutoff_every_s` is counted from each midnight anew, and midnight is one of them.
    """
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [*_daily(carrier, midnight), *_regular(carrier, midnight, after)]
    return min((moment for moment in moments if moment > after), default=midnight + DAY)


def _daily(carrier: Carrier, midnight: datetime) -> Iterator[datetime]:
    for text in carrier.cutoffs:
        hour, minute = text.split(":")
        today = midnight.replace(hour=int(hour), minute=int(minute))
        yield from (today, today + DAY)


def _regular(carrier: Carrier, midnight: datetime, after: datetime) -> Iterator[datetime]:
    if carrier.cutoff_every_s:
        every = timedelta(seconds=carrier.cutoff_every_s)
        gone = (after - midnight) // every
        yield from (midnight + DAY, midnight + (gone + 1) * every)
