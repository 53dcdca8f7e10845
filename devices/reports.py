"""What the tasks of one session have to say, in order; the first task that fails ends it."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from wcs.envelope import Seen


class Reports:
    """Observations on their way from a session's tasks to `observations()`.

    `last_words` is called once when a task fails, so that it can still say what came to nothing;
    all that was said is heard before the error is raised.
    """

    def __init__(self, last_words: Callable[[], None] = lambda: None) -> None:
        self._last_words = last_words
        self._waiting: OrderedDict[object, Seen] = OrderedDict()
        self._more = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.error: BaseException | None = None

    def say(self, seen: Seen, newest: str | None = None) -> None:
        """Of what has a name only the newest waits, at its first place."""
        self._waiting[object() if newest is None else newest] = seen
        self._more.set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    @asynccontextmanager
    async def working(self, *works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Their tasks live as long as this."""
        for work in works:
            self.start(work)
        try:
            yield
        finally:
            await self.close()

    async def __aiter__(self) -> AsyncIterator[Seen]:
        """Until a task failed; then raises its error."""
        while True:
            while self._waiting:
                yield self._waiting.popitem(last=False)[1]
            if self.error is not None:
                raise self.error
            self._more.clear()
            await self._more.wait()

    def rest(self) -> list[Seen]:
        """What was said and not heard yet."""
        said = list(self._waiting.values())
        self._waiting.clear()
        return said

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled() or self.error is not None:
            return
        self.error = task.exception()
        if self.error is not None:
            self._last_words()
            self._more.set()
