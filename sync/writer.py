"""The one thread that writes: groups of observations first, other writing at least one turn in
ten, and everybody's groups that wait share a commit."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition, Thread
from typing import Any, NamedTuple

from sync.failures import StoreFailed
from sync.transact import Decided
from wcs.envelope import Seen

log = logging.getLogger(__name__)
AT_MOST = 64
TURNS = 10

Decide = Callable[[Sequence[Seen]], list[Decided]]
Settle = Callable[[Any, BaseException | None], None]


class _Group(NamedTuple):
    seen: Sequence[Seen]
    settle: Settle


class _Work(NamedTuple):
    do: Callable[[], Any]
    settle: Settle


class Writer:
    """`decide` and each `do` commit or roll back by themselves. After a StoreFailed every further
    job gets the same one."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._groups: deque[_Group] = deque()
        self._works: deque[_Work] = deque()
        self._news = Condition()
        self._ending = False
        self._turn = 0
        self.failure: StoreFailed | None = None
        self._thread = Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    async def decided(self, group: Sequence[Seen]) -> list[Decided]:
        future, settle = _future()
        self._add(self._groups, _Group(group, settle))
        decided: list[Decided] = await future
        return decided

    async def done(self, do: Callable[[], Any]) -> Any:
        future, settle = _future()
        self._add(self._works, _Work(do, settle))
        return await future

    def close(self) -> None:
        """Ends the thread after what was asked for already."""
        with self._news:
            self._ending = True
            self._news.notify()
        self._thread.join()

    def _add(self, queue: deque[Any], job: Any) -> None:
        with self._news:
            if self._ending:
                raise StoreFailed("store", "closed")
            queue.append(job)
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._groups or self._works or self._ending)
                if not self._groups and not self._works:
                    return
                work = self._next_work()
                groups = [] if work else self._next_groups()
            if work:
                self._do(work)
            else:
                self._decide_all(groups)

    def _next_work(self) -> _Work | None:
        self._turn += 1
        if self._works and (not self._groups or self._turn % TURNS == 0):
            return self._works.popleft()
        return None

    def _next_groups(self) -> list[_Group]:
        groups = [self._groups.popleft()]
        room = AT_MOST - len(groups[0].seen)
        while self._groups and len(self._groups[0].seen) <= room:
            room -= len(self._groups[0].seen)
            groups.append(self._groups.popleft())
        return groups

    def _decide_all(self, groups: list[_Group]) -> None:
        together = [seen for group in groups for seen in group.seen]
        try:
            decided = iter(self._guarded(lambda: self._decided(together)))
        except StoreFailed as err:
            for group in groups:
                group.settle(None, err)
            return
        for group in groups:
            group.settle([next(decided) for _ in group.seen], None)

    def _decided(self, group: Sequence[Seen]) -> list[Decided]:
        try:
            return self._decide(group)
        except StoreFailed:
            raise
        except Exception as err:  # a bug of ours: what is in memory may differ from the tables
            log.exception("the store does not trust itself any more")
            raise StoreFailed("store", repr(err), "start again") from err

    def _do(self, work: _Work) -> None:
        try:
            result = self._guarded(work.do)
        except Exception as err:
            work.settle(None, err)
        else:
            work.settle(result, None)

    def _guarded(self, do: Callable[[], Any]) -> Any:
        if self.failure is not None:
            raise self.failure.with_traceback(None)
        try:
            return do()
        except StoreFailed as err:
            self.failure = err
            log.error("nothing more is written: %s", err)
            raise


def _future() -> tuple[asyncio.Future[Any], Settle]:
    """A future of the running loop, and how another thread settles it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def on_loop(result: Any, err: BaseException | None) -> None:
        if future.done():  # whoever asked was cancelled; what was decided stays decided
            return
        if err is None:
            future.set_result(result)
        else:
            future.set_exception(err)

    def settle(result: Any, err: BaseException | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(on_loop, result, err)

    return future, settle
