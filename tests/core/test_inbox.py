"""The floor first, hosts in turn, neither without bound."""

import asyncio
from typing import Any

import pytest

from gateway.inbox import Busy, Inbox
from tests.core.toys import order, scan, seen
from wcs.envelope import Answer, Seen
from wcs.observations import Scanned


def numbers(group: list[Seen]) -> list[str]:
    named: list[Any] = [one.observation for one in group]
    return [one.codes[0] if isinstance(one, Scanned) else one.number for one in named]


async def test_the_floor_comes_first_and_hosts_one_at_a_time() -> None:
    inbox = Inbox()
    for number in range(3):
        inbox.offer(seen(order(f"{number}")))
        inbox.offer(seen(scan(f"L{number}")))
    taken = [numbers(await inbox.take()) for _ in range(4)]
    assert taken == [["L0", "L1", "L2"], ["0"], ["1"], ["2"]]


async def test_a_host_gets_one_turn_in_ten_while_the_floor_never_pauses() -> None:
    inbox = Inbox()
    for number in range(20):
        inbox.offer(seen(order(f"{number}")))
    turns = []
    for _ in range(100):
        inbox.offer(seen(scan("L")))
        turns.append(numbers(await inbox.take(at_most=1)))
    hosts = [place for place, turn in enumerate(turns) if turn != ["L"]]
    assert len(hosts) == 10
    assert [turns[place] for place in hosts] == [[f"{number}"] for number in range(10)]


async def test_a_group_ends_at_64_and_at_five_milliseconds_of_work() -> None:
    inbox = Inbox()
    for _ in range(300):
        inbox.offer(seen(scan("L")))
    for _ in range(100):
        inbox.took(64, 64 * 0.01)
    assert len(await inbox.take()) == 64
    for _ in range(100):
        inbox.took(10, 10 * 1.0)
    assert len(await inbox.take()) == 5
    for _ in range(100):
        inbox.took(1, 30.0)
    assert len(await inbox.take()) == 1


async def test_silence_gives_an_empty_group_and_an_arrival_ends_it() -> None:
    inbox = Inbox()
    assert await inbox.take(wait_s=0.001) == []
    taking = asyncio.create_task(inbox.take(wait_s=60))
    await asyncio.sleep(0)
    inbox.offer(seen(scan("L1")))
    assert numbers(await taking) == ["L1"]


async def test_the_floor_waits_while_its_lane_is_full() -> None:
    inbox = Inbox(floor=2)
    await inbox.put(seen(scan("L1")))
    await inbox.put(seen(scan("L2")))
    third = asyncio.create_task(inbox.put(seen(scan("L3"))))
    await asyncio.sleep(0)
    assert not third.done()
    assert numbers(await inbox.take()) == ["L1", "L2"]
    await third
    assert numbers(await inbox.take()) == ["L3"]


async def test_a_full_host_lane_says_when_to_come_again() -> None:
    inbox = Inbox(host=2)
    inbox.offer(seen(order("1")))
    inbox.offer(seen(order("2")))
    with pytest.raises(Busy) as busy:
        inbox.offer(seen(order("3")))
    assert busy.value.retry_after_s >= 1
    inbox.offer(seen(scan("L1")))  # the floor is not held up
    assert inbox.depth == (1, 2)


async def test_who_asks_gets_the_answer_of_the_commit() -> None:
    inbox = Inbox()
    asking = asyncio.create_task(inbox.ask(order("1"), key="k", private={"c": "Ann"}))
    (one,) = await inbox.take()
    assert (one.key, one.private) == ("k", {"c": "Ann"})
    answer = Answer("refused", "closed", 7)
    one.source.settled(one, answer)
    assert await asking == answer


async def test_who_asked_and_left_does_no_harm() -> None:
    inbox = Inbox()
    asking = asyncio.create_task(inbox.ask(order("1")))
    (one,) = await inbox.take()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    one.source.settled(one, Answer("accepted", "", 1))


async def test_a_foreign_thread_is_slowed_down_by_a_full_lane() -> None:
    inbox = Inbox(floor=1)
    assert await inbox.take(wait_s=0) == []

    def foreign() -> None:
        for number in range(5):
            inbox.from_thread(seen(scan(f"L{number}"))).result(timeout=10)

    thread = asyncio.create_task(asyncio.to_thread(foreign))
    taken: list[str] = []
    while len(taken) < 5:
        taken += numbers(await inbox.take(wait_s=10))
    await thread
    assert taken == [f"L{number}" for number in range(5)]
