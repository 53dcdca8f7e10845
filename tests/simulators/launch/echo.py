"""A child that says what it was given, also on stderr."""

import asyncio
import os
import sys

from simulators.process import parser, place, ready, run


async def main() -> None:
    print("a word on stderr", file=sys.stderr, flush=True)
    ready(given.id, {"port": given.port, "word": os.environ.get("WORD", ""), "pid": os.getpid()})
    await asyncio.Event().wait()


given = place(parser(__doc__ or "").parse_args())
run(main)
