"""Against node-opcua, which shares no code with our library: secured lines, users, subscriptions,
methods, conditions, and the faults of a server that is killed, frozen, full, or comes back with its
namespaces in another order. Every fault is said in words and heals by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from devices.errors import Refused
from devices.home import placed
from devices.io import IoDriver
from devices.live import Live
from devices.map.connections import OpcSecurity, OpcUa, Secret
from devices.map.schema import Io, Method, NodeTag
from devices.tags.opcua import OpcTags, opcua_tags
from devices.tags.opcua_browse import browsed
from devices.tags.port import Denied
from tests.devices.conveyor.site import Ears, RunningClock, supervised, until
from tests.strangers.opcua.stranger import Stranger, installed, stranger
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

URI, PLC = "urn:test:plant", DeviceId("plc")
TAGS: dict[str, Any] = {
    "count": NodeTag(node="plant;s=Count", type="uint32", sampling="50ms", queue=10),
    "speed": NodeTag(node="plant;s=Speed", type="double", access="rw"),
    "jam": NodeTag.model_validate(
        {
            "node": "plant;s=Jam", "type": "bool",
            "alarm": {"from": "opcua-condition", "node": "plant;s=JamAlarm", "priority": "high"},
        }
    ),
    "name": NodeTag(node="plant;s=Name", type="string"),
}  # fmt: skip
QUIET = {name: tag.model_copy(update={"alarm": None}) for name, tag in TAGS.items()}
RELEASE = Method.model_validate(
    {
        "object": "plant;s=Line", "method": "plant;s=Release",
        "in": {"lane": "uint16"}, "out": {"ticket": "uint32"},
    }
)  # fmt: skip
CURED_S, MOVED_S, KNOWN_S = 5.0, 10.0, 5.0


@pytest.fixture(scope="module")
def packages() -> Path:
    return installed()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plant(
    packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stranger]:
    folder = tmp_path_factory.mktemp("node-opcua")
    async with stranger(packages, folder, alarms=True) as made:
        yield made


def line(server: Stranger, data: Path, **more: Any) -> OpcUa:
    """Secured unless said otherwise; the server's certificate is trusted."""
    given: dict[str, Any] = {"publishing": "100ms", "timeout": "2s", **more}
    if not given.get("insecure"):
        policy = given.pop("policy", "Basic256Sha256")
        mode = given.pop("mode", "SignAndEncrypt")
        given["security"] = OpcSecurity(policy=policy, mode=mode)
        trust = data / "pki" / "trusted"
        trust.mkdir(parents=True, exist_ok=True)
        (trust / "plant.pem").write_bytes(server.certificate.read_bytes())
    made = OpcUa(type="opcua", url=server.url, namespaces={"plant": URI}, **given)
    found = placed(made, data)
    assert isinstance(found, OpcUa)
    return found


@asynccontextmanager
async def running(config: OpcUa, tags: Any = QUIET) -> AsyncIterator[OpcTags]:
    methods = {"release_lane": RELEASE}
    async with opcua_tags("plc", tags, config, RunningClock(), methods) as opened:
        run = asyncio.create_task(opened.run())
        try:
            yield opened
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize(
    "policy", ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
)
async def test_every_policy(plant: Stranger, tmp_path: Path, policy: str, mode: str) -> None:
    async with running(line(plant, tmp_path, policy=policy, mode=mode)) as tags:
        before = tags.value("count").value
        await until(lambda: tags.value("count").value != before)
        await tags.write({"speed": 2.25})
        await until(lambda: tags.value("speed").value == 2.25)
        assert (await plant.ask(get="Speed"))["value"] == 2.25


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
async def test_a_user_with_password(
    plant: Stranger, tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = line(plant, tmp_path, mode=mode, user="line1", password=Secret(secret="OPC_PW"))
    monkeypatch.setenv("OPC_PW", "wrong")
    with pytest.raises(Refused, match="the server refuses user line1"):
        async with running(config):
            pass
    monkeypatch.setenv("OPC_PW", "secret")
    async with running(config) as tags:
        assert tags.value("name").value == "line 1"


async def test_a_server_that_does_not_trust_us(packages: Path, tmp_path: Path) -> None:
    async with stranger(packages, tmp_path / "server", accepts=False) as server:
        with pytest.raises(Refused, match="does not accept our certificate") as refused:
            async with running(line(server, tmp_path)):
                pass
        assert "cert.der at the server" in refused.value.problem


async def test_methods(plant: Stranger, tmp_path: Path) -> None:
    async with running(line(plant, tmp_path)) as tags:
        assert await tags.call("release_lane", {"lane": 2}) == {"ticket": 102}
        with pytest.raises(Denied, match="refuses release_lane: not in this state"):
            await tags.call("release_lane", {"lane": 9})


async def test_a_condition_is_told_acknowledged_and_over(plant: Stranger, tmp_path: Path) -> None:
    async with running(line(plant, tmp_path), TAGS) as tags:
        plant.tell(set=["Jam", True])
        await until(lambda: _alarm(tags) == "active, not acknowledged")
        found = tags.conditions.known()["jam"]
        assert found.text
        assert 1 <= found.severity <= 1000
        assert found.priority == "high"
        await tags.conditions.acknowledge("jam", "anna has seen it")
        await until(lambda: _alarm(tags) == "active")
        plant.tell(set=["Jam", False])
        await until(lambda: _alarm(tags) == "over")


async def test_a_condition_that_was_there_before_us(plant: Stranger, tmp_path: Path) -> None:
    plant.tell(set=["Jam", True])
    async with running(line(plant, tmp_path), TAGS) as tags:
        await until(lambda: (_alarm(tags) or "").startswith("active"))
        assert tags.view()["jam.alarm"].value == _alarm(tags)
        plant.tell(set=["Jam", False])
        await until(lambda: (_alarm(tags) or "").startswith("over"))


def _alarm(tags: OpcTags) -> str | None:
    found = tags.conditions.known().get("jam")
    return found.state if found else None


async def test_browse(plant: Stranger, tmp_path: Path) -> None:
    found = [one async for one in browsed(line(plant, tmp_path), RunningClock())]
    ours = {one.identifier: one for one in found if one.uri == URI}
    assert (ours["s=Speed"].path, ours["s=Speed"].type) == (("Line", "Speed"), "double")
    assert (ours["s=Speed"].access, ours["s=Count"].access) == ("rw", "r")
    assert (ours["s=Release"].kind, ours["s=Release"].parent) == ("method", "s=Line")


async def test_bursts_beyond_the_queue_are_asked_about(plant: Stranger, tmp_path: Path) -> None:
    """The server drops values and sets the bit; what is shown in the end is the newest."""
    few = {"name": QUIET["name"].model_copy(update={"sampling_s": 0.0, "queue": 2})}
    async with running(line(plant, tmp_path, publishing="200ms"), few) as tags:
        for n in range(40):
            plant.tell(set=["Name", f"burst {n}"])
        await until(lambda: tags.value("name").value == "burst 39")
        plant.tell(set=["Name", "line 1"])
        await until(lambda: tags.value("name").value == "line 1")


# --- faults ---------------------------------------------------------------------------------------


class World:
    """The driver of the device under its supervisor, with the real back-off."""

    def __init__(self, config: OpcUa) -> None:
        self.ears, self.clock, self.live = Ears(), RunningClock(), Live()
        io = Io(kind="io", connection="opc", tags=QUIET)
        self.driver = IoDriver(PLC, io, config, clock=self.clock, live=self.live)

    def count(self) -> int:
        shown = self.live.of(PLC).get("count")
        good = shown is not None and shown.quality == "good" and isinstance(shown.value, int)
        return int(shown.value) if good else -1  # type: ignore[union-attr, arg-type]

    async def fresh(self, within_s: float) -> float:
        """Seconds until a good value has moved on twice."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await until(lambda: self.count() >= 0, within_s)
        before = self.count()
        await until(lambda: self.count() not in (-1, before), within_s - (loop.time() - began))
        return loop.time() - began


@pytest.fixture
def lonely(packages: Path, tmp_path: Path) -> Iterator[Stranger]:
    yield Stranger(packages, tmp_path / "server")


@asynccontextmanager
async def playing(
    server: Stranger, data: Path, given: dict[str, Any], **more: Any
) -> AsyncIterator[World]:
    await server.start(**given)
    try:
        world = World(line(server, data, **more))
        async with supervised(world.driver, world.ears, world.clock):
            await world.ears.hear(DeviceUp, within_s=10)
            await world.fresh(CURED_S)
            yield world
    finally:
        await server.end()


async def test_34_killed_and_started_again(lonely: Stranger, tmp_path: Path) -> None:
    async with playing(lonely, tmp_path, {}) as world:
        await lonely.kill()
        (down,) = await world.ears.hear(DeviceDown, within_s=KNOWN_S)
        assert down.reason
        await lonely.start()
        await world.fresh(CURED_S)
        await world.ears.hear(DeviceUp, 2)


async def test_38_the_namespace_moved_over_a_restart(lonely: Stranger, tmp_path: Path) -> None:
    async with playing(lonely, tmp_path, {}) as world:
        for others in (3, 1):
            await lonely.kill()
            await lonely.start(others=others)
            await world.fresh(MOVED_S)
        assert len(world.ears.of(DeviceUp)) == 3


async def test_36_a_frozen_server(lonely: Stranger, tmp_path: Path) -> None:
    async with playing(lonely, tmp_path, {}) as world:
        lonely.freeze()
        (down,) = await world.ears.hear(DeviceDown, within_s=KNOWN_S)
        assert down.reason == "fell silent and does not answer"
        assert world.live.of(PLC)["count"].quality == "bad"
        lonely.thaw()
        await world.fresh(CURED_S)


async def test_35_the_server_ends_the_session(lonely: Stranger, tmp_path: Path) -> None:
    async with playing(lonely, tmp_path, {}) as world:
        for times in range(1, 4):
            lonely.tell(drop=True)
            await world.ears.hear(DeviceDown, times, within_s=KNOWN_S)
            await world.ears.hear(DeviceUp, times + 1, within_s=CURED_S)
            await world.fresh(CURED_S)
        told = {down.reason for down in world.ears.of(DeviceDown)}
        assert all(reason for reason in told)


async def test_35_a_server_with_one_session(lonely: Stranger, tmp_path: Path) -> None:
    """Somebody else holds it; then we do, our line breaks, and our own old session is not in the
    way."""
    from tests.faults.proxy import through

    await lonely.start(sessions=1)
    try:
        async with through(lonely.port) as proxy:
            config = line(lonely, tmp_path)
            config = config.model_copy(update={"url": f"opc.tcp://127.0.0.1:{proxy.port}/plant"})
            world = World(config)
            ours = supervised(world.driver, world.ears, world.clock)
            async with running(line(lonely, tmp_path)), ours:
                (down,) = await world.ears.hear(DeviceDown, within_s=KNOWN_S)
                assert "all sessions of the server are taken" in down.reason
            async with supervised(world.driver, world.ears, world.clock):
                await world.fresh(CURED_S)
                for _ in range(3):
                    proxy.reset()
                    await until(lambda: world.count() == -1)
                    await world.fresh(CURED_S)
    finally:
        await lonely.end()


async def test_37_a_certificate_is_rotated(lonely: Stranger, tmp_path: Path) -> None:
    """The server comes back with another certificate: said in words, until a person trusts it."""
    async with playing(lonely, tmp_path, {}) as world:
        await lonely.kill()
        for file in (lonely.folder / "pki").rglob("*"):
            if file.is_file() and "own" in file.parts:
                file.unlink()
        await lonely.start()
        fresh = _der(lonely.certificate)
        waiting = tmp_path / "pki" / "rejected"
        await until(lambda: any(file.read_bytes() == fresh for file in waiting.glob("*.der")), 10)
        assert world.count() == -1
        (tmp_path / "pki" / "trusted" / "new.der").write_bytes(fresh)
        await world.fresh(CURED_S)


def _der(file: Path) -> bytes:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    return found.public_bytes(serialization.Encoding.DER)
