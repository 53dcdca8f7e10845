"""The ERP: takes shipments and stock levels, and says what it was told."""

import asyncio
from pathlib import Path

from simulators import process
from simulators.hosts.erp_book import ErpBook
from simulators.hosts.run import listening, opened, parser


async def serve(place: process.Place, folder: Path) -> None:
    async with (
        opened(ErpBook(), place.id, folder, "ERP_TOKEN") as host,
        listening(place, host.handle),
    ):
        await asyncio.Event().wait()


def main() -> None:
    given = parser(__doc__ or "").parse_args()
    process.run(lambda: serve(process.place(given), given.state))


if __name__ == "__main__":
    main()
