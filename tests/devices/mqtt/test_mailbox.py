"""The hand-over between a foreign thread and the loop: in order, newest wins, never too much."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.mailbox import Mailbox


async def test_in_order_and_of_a_name_only_the_newest() -> None:
    box: Mailbox[str] = Mailbox(10)
    box.put("press 1")
    box.put("a dark", "a")
    box.put("press 2")
    box.put("a lit", "a")
    assert await box.take() == ["press 1", "press 2", "a lit"]


async def test_what_has_no_room_is_not_taken_and_a_newer_state_always_has_room() -> None:
    box: Mailbox[int] = Mailbox(2)
    assert box.put(1) and box.put(2, "a")
    assert not box.put(3)
    assert box.put(4, "a")
    assert await box.take() == [1, 4]
    assert box.put(5)


async def test_the_end_comes_after_what_waits_and_the_first_reason_stays() -> None:
    box: Mailbox[int] = Mailbox(2)
    box.put(1)
    box.end(OSError("first"))
    box.end(OSError("second"))
    assert not box.put(2)
    assert await box.take() == [1]
    for _ in range(2):
        with pytest.raises(OSError, match="first"):
            await box.take()


async def test_wake_returns_with_nothing() -> None:
    box: Mailbox[int] = Mailbox(2)
    box.wake()
    assert await box.take() == []
    box.put(1)
    assert await box.take() == [1]


async def test_a_stalled_loop_is_woken_once_for_a_hundred_thousand_states() -> None:
    box: Mailbox[int] = Mailbox(10)
    loop, woken = asyncio.get_running_loop(), 0
    call = loop.call_soon_threadsafe

    def count(*args: object) -> object:
        nonlocal woken
        woken += 1
        return call(*args)  # type: ignore[arg-type]

    loop.call_soon_threadsafe = count  # type: ignore[method-assign,assignment]
    thread = threading.Thread(target=lambda: [box.put(n, "a") for n in range(100_000)])
    thread.start()
    thread.join()  # the loop does nothing meanwhile
    assert woken == 1
    assert await box.take() == [99_999]


async def test_a_thread_that_outlives_the_loop_is_not_hurt() -> None:
    boxes: list[Mailbox[int]] = []

    async def make() -> None:
        boxes.append(Mailbox(2))

    thread = threading.Thread(target=asyncio.run, args=(make(),))
    thread.start()
    thread.join()
    assert boxes[0].put(1)


@given(st.lists(st.one_of(st.none(), st.sampled_from("abc")), max_size=40))
def test_events_are_never_lost_or_reordered_and_states_end_at_their_newest(
    names: list[str | None],
) -> None:
    async def run() -> list[tuple[int, str | None]]:
        box: Mailbox[tuple[int, str | None]] = Mailbox(100)
        for number, name in enumerate(names):
            box.put((number, name), name)
        return await box.take() if names else []

    got = asyncio.run(run())
    events = [(n, name) for n, name in enumerate(names) if name is None]
    newest = {name: n for n, name in enumerate(names) if name is not None}
    assert [one for one in got if one[1] is None] == events
    assert {name: n for n, name in got if name is not None} == newest
    assert got == sorted(got)
