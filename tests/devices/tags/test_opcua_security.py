"""OPC UA lines that are signed and encrypted, over a real wire: every policy, every kind of user,
and each certificate that must be refused, in a sentence with its remedy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from devices import pki
from devices.errors import Refused
from devices.home import placed
from devices.map.connections import OpcSecurity, OpcUa, Secret
from devices.map.schema import NodeTag
from devices.tags.opcua import OpcTags, opcua_tags
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.opc_papers import DAY, Papers, papers
from tests.devices.tags.opc_peer import URI, Peer, peer

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAGS = {
    "count": NodeTag(node="plant;s=Count", type="uint32"),
    "speed": NodeTag(node="plant;s=Speed", type="double", access="rw"),
}


@pytest.fixture(scope="module")
def good() -> Papers:
    return papers()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(good: Papers) -> AsyncIterator[Peer]:
    async with peer(papers=good) as made:
        yield made


class Home:
    """A data folder with its pki, and connections that live in it."""

    def __init__(self, data: Path, server: Peer) -> None:
        self.data, self.server, self.clock = data, server, RunningClock()

    def trusts(self, one: Papers) -> None:
        one.laid(self.data / "pki" / "trusted", f"c{len(list(self.trusted.glob('*.der')))}")
        for key in self.trusted.glob("*.pem"):
            key.unlink()

    @property
    def trusted(self) -> Path:
        (self.data / "pki" / "trusted").mkdir(parents=True, exist_ok=True)
        return self.data / "pki" / "trusted"

    def line(
        self, policy: str = "Basic256Sha256", mode: str = "SignAndEncrypt", **more: Any
    ) -> OpcUa:
        security = OpcSecurity(policy=policy, mode=mode)  # type: ignore[arg-type]
        made = OpcUa(
            type="opcua", url=more.pop("url", self.server.url), security=security,
            namespaces={"plant": URI}, publishing="50ms", timeout="5s", **more,
        )  # fmt: skip
        found = placed(made, self.data)
        assert isinstance(found, OpcUa)
        return found

    async def opened(self, stack: AsyncExitStack, line: OpcUa) -> OpcTags:
        return await stack.enter_async_context(opcua_tags("plc", TAGS, line, self.clock))

    async def refusal(self, line: OpcUa) -> str:
        with pytest.raises(Refused) as refused:
            async with opcua_tags("plc", TAGS, line, self.clock):
                pass
        return refused.value.problem


@pytest.fixture
def home(tmp_path: Path, server: Peer, good: Papers) -> Home:
    made = Home(tmp_path, server)
    made.trusts(good)
    return made


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize(
    "policy", ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256Sha256RsaPss"]
)
async def test_every_policy_reads_and_writes(home: Home, policy: str, mode: str) -> None:
    async with AsyncExitStack() as stack:
        tags = await home.opened(stack, home.line(policy, mode))
        assert isinstance(tags.value("count").value, int)
        await tags.write({"speed": 2.25})
        assert await home.server.get("Speed") == 2.25
        assert tags.line.shown is not None
        assert tags.line.shown.server.der == home.server.papers.der  # type: ignore[union-attr]


async def test_our_certificate_is_made_at_first_use_and_kept(home: Home) -> None:
    async with AsyncExitStack() as stack:
        await home.opened(stack, home.line())
    made = pki.load(home.data / "pki/own/cert.der")
    assert made.uris[0].endswith(":wedge")
    assert (home.data / "pki/own/key.pem").stat().st_mode & 0o077 == 0
    async with AsyncExitStack() as stack:
        tags = await home.opened(stack, home.line())
        assert tags.line.shown is not None
        assert tags.line.shown.own.der == made.der


async def test_a_new_certificate_of_ours_is_used_at_the_next_connect(home: Home) -> None:
    async with AsyncExitStack() as stack:
        await home.opened(stack, home.line())
    own = home.data / "pki/own"
    fresh = pki.create_own(own / "cert.der", own / "key.pem", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        tags = await home.opened(stack, home.line())
        assert tags.line.shown is not None
        assert tags.line.shown.own.der == fresh.der


async def test_a_user_with_password(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    line = home.line(user="line1", password=Secret(secret="OPC_PASSWORD"))
    monkeypatch.delenv("OPC_PASSWORD", raising=False)
    assert "secret OPC_PASSWORD is missing" in await home.refusal(line)
    monkeypatch.setenv("OPC_PASSWORD", "wrong")
    assert (await home.refusal(line)).startswith("the server refuses user line1")
    for mode in ("Sign", "SignAndEncrypt"):
        monkeypatch.setenv("OPC_PASSWORD", "secret")
        line = home.line(mode=mode, user="line1", password=Secret(secret="OPC_PASSWORD"))
        async with AsyncExitStack() as stack:
            tags = await home.opened(stack, line)
            assert tags.value("speed").quality == "good"


async def test_a_password_may_stand_in_the_secrets_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPC_PASSWORD", raising=False)
    file = home.data / "secrets.json"
    file.write_text('{"OPC_PASSWORD": "secret"}')
    file.chmod(0o644)
    line = home.line(user="line1", password=Secret(secret="OPC_PASSWORD"))
    assert "others may read it" in await home.refusal(line)
    file.chmod(0o600)
    async with AsyncExitStack() as stack:
        await home.opened(stack, line)


async def test_a_user_with_a_certificate(home: Home) -> None:
    papers(name="anna", uri="urn:anna").laid(home.data / "pki" / "users", "anna")
    line = home.line(user_certificate="pki/users/anna.der", user_key="pki/users/anna.pem")
    async with AsyncExitStack() as stack:
        tags = await home.opened(stack, line)
        assert tags.value("speed").quality == "good"


async def test_no_user_is_told_over_an_open_line() -> None:
    with pytest.raises(ValueError, match="never told over a line without security"):
        OpcUa(
            type="opcua", url="opc.tcp://127.0.0.1:1", insecure=True, user="line1",
            password=Secret(secret="X"), namespaces={},
        )  # fmt: skip


async def test_an_unknown_server_waits_for_a_person(home: Home, good: Papers) -> None:
    for known in home.trusted.iterdir():
        known.unlink()
    told = await home.refusal(home.line())
    shown = pki.Certificate(good.der)
    assert f"wedge pki trust {shown.fingerprint[:16]}" in told
    file, waiting = pki.find(home.data / "pki/rejected", shown.fingerprint[:16])
    assert waiting.der == good.der
    pki.move(file, waiting, home.trusted)
    async with AsyncExitStack() as stack:
        await home.opened(stack, home.line())


async def test_a_policy_that_the_server_lacks(home: Home) -> None:
    async with peer() as plain:
        told = await home.refusal(home.line(url=plain.url))
    assert told == ("the server does not offer Basic256Sha256 SignAndEncrypt, only no security")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"until": -DAY / 2}, "the server's certificate test server expired on"),
        ({"since": DAY}, "is not valid before"),
        ({"uri": "urn:another"}, "speaks for urn:another, but the server calls itself urn:test:"),
        ({"bits": 1024}, "a key too weak"),
    ],
)
async def test_bad_certificates_of_servers(home: Home, given: dict[str, Any], told: str) -> None:
    bad = papers(**given)
    home.trusts(bad)
    async with peer(papers=bad) as server:
        assert told in await home.refusal(home.line(url=server.url))


async def test_what_a_trusted_authority_issued_is_trusted_for_its_host(home: Home) -> None:
    authority = papers(name="plant authority", uri="urn:ca", authority=True)
    home.trusts(authority)
    async with peer(papers=papers(by=authority)) as server, AsyncExitStack() as stack:
        await home.opened(stack, home.line(url=server.url))
    async with peer(papers=papers(by=authority, host="10.0.0.7")) as server:
        told = await home.refusal(home.line(url=server.url))
        assert told == "the server's certificate is for 10.0.0.7, not for 127.0.0.1"


async def test_what_a_trusted_server_issued_is_not_trusted(home: Home, good: Papers) -> None:
    """Only an authority vouches for others."""
    async with peer(papers=papers(name="forged", by=good)) as server:
        assert "forged is not trusted" in await home.refusal(home.line(url=server.url))


async def test_our_own_certificate_is_checked(home: Home, tmp_path: Path) -> None:
    home.clock.ahead = timedelta(0)
    own = home.data / "pki/own"
    pki.create_own(own / "cert.der", own / "key.pem", datetime.now(UTC) - 6 * 365 * DAY)
    assert (await home.refusal(home.line())).startswith("our own certificate expired on")
    (own / "key.pem").unlink()
    assert "key.pem cannot be read: No such file" in await home.refusal(home.line())
    (own / "key.pem").write_bytes(papers().pem)
    assert "is not the key of" in await home.refusal(home.line())


async def test_refused_certificates_do_not_fill_the_disk(tmp_path: Path) -> None:
    shown = [papers(name=f"s{n}", bits=1024) for n in range(4)]
    for one in shown:
        await asyncio.to_thread(pki.lay_aside, pki.Certificate(one.der), tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
