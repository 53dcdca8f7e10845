"""The carrier of the demo, for all services: a tracking number and a label per request."""

import asyncio
from pathlib import Path

from simulators import process
from simulators.hosts.carrier_book import CarrierBook
from simulators.hosts.run import listening, opened, parser


async def serve(place: process.Place, folder: Path) -> None:
    book = CarrierBook(first=place.seed * 100_000 + 1)
    async with (
        opened(book, place.id, folder, "CARRIER_TOKEN", honours_keys=False) as host,
        listening(place, host.handle),
    ):
        await asyncio.Event().wait()


def main() -> None:
    given = parser(__doc__ or "").parse_args()
    process.run(lambda: serve(process.place(given), given.state))


if __name__ == "__main__":
    main()
