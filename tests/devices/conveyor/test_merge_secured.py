"""The merge of the reference map as it stands there (policy, user, methods, conditions), and a lane
whose method is called when it is freed; over a real encrypted wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.conveyor.merge import MergeDriver
from devices.home import placed
from devices.live import Live
from devices.map.load import load_map
from devices.map.schema import Merge, Method, NodeTag, OpcUa
from devices.map.tagged import MergeLane
from devices.tags.opcua_values import VARIANTS
from tests.devices.conveyor.site import Ears, RunningClock, posted, supervised, until
from tests.devices.tags.opc_papers import Papers, papers
from tests.devices.tags.opc_peer import URI, Peer, peer
from wcs.commands import SetMergeLane
from wcs.names import DeviceId, LaneId
from wcs.observations import CommandFailed, DeviceUp, MergeChanged

MERGE = DeviceId("merge1")
FIRST: dict[str, Any] = {"bool": False, "string": "", "float": 0.0, "double": 0.0}


def nodes(merge: Merge) -> dict[str, Any]:
    """Identifier -> first value and type, as the map says them."""
    tags = [tag for tag in merge.tags.values() if isinstance(tag, NodeTag)]
    return {
        tag.node.partition(";s=")[2]: (FIRST.get(tag.type, 1), VARIANTS[tag.type]) for tag in tags
    }


def trusting(data: Path, server: Papers) -> None:
    folder = data / "pki" / "trusted"
    folder.mkdir(parents=True)
    (folder / "server.der").write_bytes(server.der)


async def beating(server: Peer, name: str) -> None:
    for beat in range(1, 1_000_000):
        await server.set(name, beat)
        await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(**given: Any) -> AsyncIterator[Peer]:
    async with peer(**given) as server:
        beat = asyncio.create_task(beating(server, "Merge.Heartbeat"))
        try:
            yield server
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)


async def test_the_reference_merge_works(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPC_MERGE_PASSWORD", "secret")
    site = load_map(reference / "reference" / "device-map.yaml")
    merge, line = site.devices["merge1"], site.connections["opc_merge"]
    assert isinstance(merge, Merge)
    assert isinstance(line, OpcUa)
    ears, clock, live = Ears(), RunningClock(), Live()
    shown = papers()
    trusting(tmp_path, shown)
    uri = line.namespaces["plant"]
    async with serving(papers=shown, uri=uri, nodes=nodes(merge)) as server:
        at = placed(line.model_copy(update={"url": server.url, "timeout_s": 5.0}), tmp_path)
        driver = MergeDriver(MERGE, merge, at, clock=clock, live=live, beat=ears.beat)
        async with supervised(driver, ears, clock):
            await ears.hear(DeviceUp, within_s=10)
            await server.set("Merge.Jam", True)
            await until(lambda: any(one.jam for one in ears.of(MergeChanged)))
            assert live.of(MERGE)["speed"].unit == "m/s"
            assert live.of(MERGE)["certificate.own"].unit == "d"
            assert (tmp_path / "pki/own/cert.der").exists()


async def test_a_lane_is_freed_by_its_method() -> None:
    lane = MergeLane(full="full", hold="hold", priority="prio", release="go")
    method = Method.model_validate(
        {"object": "plant;s=Line", "method": "plant;s=Release",
         "in": {"lane": "uint16"}, "out": {"ticket": "uint32"}}
    )  # fmt: skip
    merge = Merge.model_validate(
        {
            "kind": "merge-lift", "connection": "opc",
            "tags": {
                "beat": {"node": "plant;s=Merge.Heartbeat", "type": "uint32"},
                "gw": {"node": "plant;s=Gw", "type": "uint32", "access": "w"},
                "full": {"node": "plant;s=Full", "type": "bool"},
                "hold": {"node": "plant;s=Hold", "type": "bool", "access": "rw"},
                "prio": {"node": "plant;s=Prio", "type": "uint16", "access": "rw"},
            },
            "handshakes": {
                "heartbeat": {"watch": "beat", "drive": "gw", "every": "100ms", "lost_after": "3s"}
            },
            "lanes": {"2": lane, "9": lane}, "methods": {"go": method},
        }
    )  # fmt: skip
    ears, clock = Ears(), RunningClock()
    async with serving(nodes=nodes(merge)) as server:
        line = OpcUa(type="opcua", url=server.url, insecure=True, namespaces={"plant": URI})
        driver = MergeDriver(MERGE, merge, line, clock=clock, live=Live(), beat=ears.beat)
        async with supervised(driver, ears, clock) as links:
            await ears.hear(DeviceUp, within_s=10)
            for number, held in (("2", True), ("2", False), ("9", False)):
                before = clock.now() + timedelta(seconds=5)
                links.post(
                    posted(
                        SetMergeLane(
                            device=MERGE, lane=LaneId(number), held=held, priority=5, before=before
                        )
                    )
                )
            (failed,) = await ears.hear(CommandFailed)
            assert "refuses go: not in this state" in failed.reason
            assert server.called == [("Release", 2), ("Release", 9)]
            assert await server.get("Hold") is False
