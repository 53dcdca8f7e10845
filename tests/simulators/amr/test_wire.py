"""The vehicle on Mosquitto: an order over the wire, connection and last will, a reboot."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulators.bus import fact
from simulators.child import Child, Program
from simulators.spawn import Nursery
from tests.simulators.amr.test_vehicle import LOADS, instant, order, validator
from tests.simulators.lights.peer import Heard, Peer, World, broker, child, peer, world

UAGV = "uagv/v2/WEDGE/0001"


class Site:
    def __init__(self, vehicle: Child, gateway: Peer, floor: World) -> None:
        self.vehicle, self.gateway, self.floor = vehicle, gateway, floor

    def order(self, document: dict) -> None:
        self.gateway.say(f"{UAGV}/order", document, qos=0)

    async def state(self, which) -> dict:
        heard = await self.gateway.hears(lambda h: h[0] == f"{UAGV}/state" and which(h[1]))
        return heard[1]

    async def connection(self, state: str) -> Heard:
        return await self.gateway.hears(
            lambda h: h[0] == f"{UAGV}/connection" and h[1]["connectionState"] == state
        )

    async def handles(self, kind: str, load: str, *, missing: bool = False) -> None:
        """The world's part in a pick or a drop."""
        act = await self.floor.sees(lambda act: act["act"] == f"amr_{kind}")
        assert act["lpns"] == [load]
        done = {"lpns": [], "missing": [load]} if missing else {"lpns": [load], "missing": []}
        self.floor.bus.tell("amr1", fact("amr_loaded" if kind == "pick" else "amr_dropped", **done))


@pytest.fixture
async def site(mosquitto: Path, tmp_path: Path, nursery: Nursery) -> AsyncIterator[Site]:
    async with (
        world() as (floor, floor_at),
        child(broker(tmp_path), tmp_path, nursery) as mqtt,
        peer(mqtt.address["port"], f"{UAGV}/#") as gateway,
    ):
        lines = ("--broker", f"127.0.0.1:{mqtt.address['port']}", "--world", floor_at)
        kept = ("--state", str(tmp_path))
        program = Program("amr1", "simulators.amr", ("--speed", "50", *lines, *kept))
        async with child(program, tmp_path, nursery) as vehicle:
            await gateway.hears(lambda h: h[0] == f"{UAGV}/state")
            yield Site(vehicle, gateway, floor)


def finished(state: dict) -> bool:
    done = {action["actionStatus"] for action in state["actionStates"]}
    return done == {"FINISHED"} and not state["nodeStates"]


async def test_an_order_is_carried_out_and_told_step_by_step(site: Site) -> None:
    site.order(order())
    for load in LOADS:
        await site.handles("pick", load)
    driving = await site.state(lambda s: s["driving"])
    assert [load["loadId"] for load in driving["loads"]] == list(LOADS)
    await site.state(lambda s: s["lastNodeId"] == "M1")
    for load in LOADS:
        await site.handles("drop", load)
    last = await site.state(finished)
    assert (last["orderId"], last["loads"], last["lastNodeId"]) == ("T1", [], "HANDOVER")


async def test_a_carton_that_is_missing_fails_its_action(site: Site) -> None:
    site.order(order())
    await site.handles("pick", LOADS[0], missing=True)
    failed = await site.state(
        lambda s: any(a["actionStatus"] == "FAILED" for a in s["actionStates"])
    )
    assert failed["loads"] == []


async def test_a_request_is_answered_by_a_state_at_once(site: Site) -> None:
    site.gateway.say(f"{UAGV}/instantActions", instant("stateRequest", "now"), qos=0)
    state = await site.state(lambda s: s["actionStates"])
    assert state["actionStates"][0]["actionStatus"] == "FINISHED"


async def test_what_is_no_json_or_no_order_is_survived(site: Site) -> None:
    site.gateway.say(f"{UAGV}/order", "hello", qos=0)
    site.gateway.say(f"{UAGV}/instantActions", 7, qos=0)
    assert (await site.state(lambda s: s["errors"]))["errors"][0]["errorType"] == "validationError"
    site.order(order())
    assert (await site.state(lambda s: s["orderId"]))["errors"] == []


async def test_connection_and_factsheet_are_retained_and_a_kill_is_told_by_the_broker(
    site: Site,
) -> None:
    port = site.vehicle.address["port"]
    async with peer(port, f"{UAGV}/factsheet") as late:
        assert (await late.hears(lambda h: h[2]))[1]["loadSpecification"]["loadPositions"]
    async with peer(port, f"{UAGV}/connection") as late:
        assert (await late.hears(lambda h: h[2]))[1]["connectionState"] == "ONLINE"
    await site.vehicle.kill()
    await site.connection("CONNECTIONBROKEN")
    await site.vehicle.start()
    await site.connection("ONLINE")


async def test_an_orderly_end_says_offline(site: Site) -> None:
    await site.vehicle.stop()
    await site.connection("OFFLINE")


async def test_a_reboot_forgets_the_order_but_not_what_lies_on_the_vehicle(site: Site) -> None:
    site.order(order())
    for load in LOADS:
        await site.handles("pick", load)
    await site.state(lambda s: len(s["loads"]) == 2 and s["lastNodeId"] == "INDUCT")
    await site.vehicle.kill()
    site.floor.standing = [fact("amr_loaded", lpns=list(LOADS), missing=[])]
    await site.vehicle.start()
    await site.connection("ONLINE")
    state = await site.state(lambda s: len(s["loads"]) == 2)
    assert (state["orderId"], state["nodeStates"]) == ("", [])
    assert state["lastNodeId"] == "INDUCT"


async def test_every_message_on_the_wire_is_valid(site: Site, reference: Path) -> None:
    site.order(order())
    for kind in ("pick", "drop"):
        for load in LOADS:
            await site.handles(kind, load)
    headers: dict[str, list[int]] = {}
    ours = ("order", "instantActions")
    while True:
        topic, content, retained = await site.gateway.hears(lambda h: h[0].startswith(UAGV))
        name = topic.rpartition("/")[2]
        if name in ours:
            continue
        validator(reference, name).validate(json.loads(json.dumps(content)))
        if not retained:
            headers.setdefault(name, []).append(content["headerId"])
        if name == "state" and finished(content) and content["orderId"]:
            break
    assert all(ids == list(range(ids[0], ids[0] + len(ids))) for ids in headers.values())


async def test_nothing_of_an_order_happens_before_it_was_given(site: Site) -> None:
    """Waiting is not driving: the way begins when the order arrives, however fast the world."""
    await site.state(lambda _: True)
    await site.state(lambda _: True)  # it has idled for a while
    site.order(order(way=("HANDOVER", "M1", "M2"), HANDOVER=[]))
    assert (await site.state(lambda s: s["orderId"]))["lastNodeId"] == "HANDOVER"
