"""What a server has, found over a real wire, by namespace URI."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from devices.tags.opcua_browse import BrowsedNode, browsed
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.opc_peer import NODES, URI, Peer, peer
from tests.devices.tags.test_opcua_watch import at

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Peer]:
    async with peer(others=2) as made:
        yield made


async def test_variables_with_type_and_access_methods_with_their_object(server: Peer) -> None:
    found = [one async for one in browsed(at(server.port), RunningClock())]
    by_id = {one.identifier: one for one in found if one.uri == URI}
    assert by_id["s=Speed"] == BrowsedNode(
        ("Line", "Speed"), URI, "s=Speed", "variable", "double", "rw"
    )
    assert (by_id["s=Count"].type, by_id["s=Count"].access) == ("uint32", "r")
    assert by_id["s=Name"].type == "string"
    assert by_id["s=Release"] == BrowsedNode(
        ("Line", "Release"), URI, "s=Release", "method", parent="s=Line"
    )
    variables = {f"s={name}" for name in NODES}
    assert variables <= set(by_id)
    assert len({one.identifier for one in found}) == len(found)
