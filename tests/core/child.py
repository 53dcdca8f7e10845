"""A gateway in small, to be killed: decides and prints what it acknowledged, one line each."""

import asyncio
import resource
import signal
import sys
from itertools import count
from pathlib import Path

from sync.failures import StoreError
from sync.store import Store
from tests.core import toys
from tests.core.toys import scan, seen


async def decide_for_ever(store: Store, name: str) -> None:
    """Several askers at once, so that commits are shared; each acknowledges its own."""

    async def ask(number: int) -> None:
        key = f"{name}-{number}"
        codes = [f"L{number % 50}", f"wake:t{number % 7}:5", f"level:S{number % 5}"]
        (decided,) = await store.transact([seen(scan(*codes), key, raw="x" * 500)])
        print(key, decided.seq, flush=True)

    for first in count(0, 8):
        await asyncio.gather(*(ask(number) for number in range(first, first + 8)))


def main(path: str, name: str, most_bytes: str = "") -> None:
    if most_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    try:
        store = Store.open(Path(path), decide=toys.decide, mapping=toys.mapping, release="test")
        print("open", flush=True)
        asyncio.run(decide_for_ever(store, name))
    except StoreError as err:
        print(f"stopped: {err}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
