"""The merge's PLC: its rule by values, and its nodes as an OPC UA client sees them."""

import asyncio
from typing import Any

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.server.server import Server
from asyncua.ua.uaerrors import BadUserAccessDenied

from devices.map.load import load_map
from simulators.opcua_merge import Infeed, Merging, free_port, power_on
from tests.simulators.equipment.bench import DEMO, SOON_S, bench, device, working

URI = "urn:wedge:demo:merge"


def merging(**lanes: Infeed) -> Merging:
    return Merging({name.removeprefix("lane"): lane for name, lane in lanes.items()}, clear=True)


def test_the_higher_priority_goes_first_and_a_tie_alternates() -> None:
    plc = merging(
        lane1=Infeed(waiting=2, hold=False, priority=5),
        lane2=Infeed(waiting=1, hold=False, priority=8),
    )
    assert plc.next() == "2"
    plc.lanes["2"].priority = 5
    plc.last = "2"
    assert plc.next() == "1"


@pytest.mark.parametrize("lane", [Infeed(waiting=0, hold=False), Infeed(waiting=3, hold=True)])
def test_an_empty_or_held_lane_gives_nothing(lane: Infeed) -> None:
    assert merging(lane1=lane).next() is None


def test_after_a_release_nothing_goes_until_the_line_is_clear() -> None:
    plc = merging(lane1=Infeed(waiting=2, hold=False))
    plc.released("1")
    assert (plc.next(), plc.lanes["1"].waiting) == (None, 1)
    plc.clear = True
    assert plc.next() == "1"


async def _value(client: Client, space: int, name: str, wanted: Any) -> None:
    """Waits until the node has that value."""
    node = client.get_node(f"ns={space};s={name}")
    async with asyncio.timeout(SOON_S):
        while await node.read_value() != wanted:
            await asyncio.sleep(0.02)


async def test_held_after_power_on_it_merges_when_the_host_frees_a_lane() -> None:
    server = Server()
    plc = await power_on(server, load_map(DEMO), "merge1", free_port())
    async with (
        bench() as world,
        device(world, "merge1", lambda _: plc.heard) as bus,
        server,
        working(plc.cycle(bus)),
        Client(server.endpoint.geturl()) as client,
    ):
        space = await client.get_namespace_index(URI)
        await _value(client, space, "Merge.Lane1.Hold", True)
        await _value(client, space, "Merge.Running", True)
        world.tell("merge1", "infeed", lane="1", waiting=1, full=True)
        world.tell("merge1", "clear", clear=True)
        await _value(client, space, "Merge.Lane1.Full", True)
        assert not world.acts
        hold = client.get_node(f"ns={space};s=Merge.Lane1.Hold")
        await hold.write_value(False, ua.VariantType.Boolean)
        await world.until(lambda: world.acts)
        assert world.acts == [("merge1", {"act": "release", "lane": "1"})]
        first = await client.get_node(f"ns={space};s=Merge.Heartbeat").read_value()
        await _value(client, space, "Merge.Heartbeat", first + 1)


async def test_only_what_the_map_says_may_be_written() -> None:
    server = Server()
    await power_on(server, load_map(DEMO), "merge1", free_port())
    async with server, Client(server.endpoint.geturl()) as client:
        space = await client.get_namespace_index(URI)
        full = client.get_node(f"ns={space};s=Merge.Lane1.Full")
        with pytest.raises(BadUserAccessDenied):
            await full.write_value(True, ua.VariantType.Boolean)


async def test_a_map_without_that_merge_is_refused() -> None:
    with pytest.raises(LookupError, match="scale1 is not a merge"):
        await power_on(Server(), load_map(DEMO), "scale1", 0)
