"""An OPC UA server for tests (asyncua), in this process or in one of its own that can be killed,
stopped and started again at its port: `python -m tests.devices.tags.opc_peer`."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.common.methods import uamethod
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes

from simulators.opcua_space import standard_nodes
from tests.devices.tags.opc_papers import SERVER, Papers, papers

URI = "urn:test:plant"
V = ua.VariantType
NODES: dict[str, tuple[Any, ua.VariantType]] = {
    "Count": (0, V.UInt32),
    "Speed": (1.5, V.Double),
    "Jam": (False, V.Boolean),
    "Code": (2, V.Int32),
    "Name": ("line 1", V.String),
    "Seq": (0, V.UInt16),
}
POLICIES = [
    ua.SecurityPolicyType.NoSecurity,
    ua.SecurityPolicyType.Basic256Sha256_Sign,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_Sign,
    ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_Sign,
    ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
]


def _status(code: int) -> Any:
    return ua.StatusCode(code)  # type: ignore[arg-type]


class Users:
    """Knows one user by password; whoever comes with a certificate is that certificate's."""

    def get_user(
        self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None
    ) -> User | None:
        if username is not None and (username, password) != ("line1", "secret"):
            return None
        return User(role=UserRole.User, name=username or "nobody")


class Peer:
    def __init__(
        self,
        *,
        papers: Papers | None = None,
        port: int = 0,
        others: int = 0,
        uri: str = URI,
        nodes: Mapping[str, tuple[Any, ua.VariantType]] | None = None,
    ) -> None:
        self.papers, self.port, self.others = papers, port, others
        self.uri, self.made = uri, NODES if nodes is None else nodes
        self.nodes: dict[str, Any] = {}
        self.called: list[tuple[str, Any]] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.server: Any = None
        self.index = 0

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}/plant"

    async def start(self) -> None:
        self.server = Server(user_manager=Users())  # type: ignore[arg-type]
        await self.server.init(await standard_nodes())
        await self.server.set_application_uri(SERVER)
        self.server.set_endpoint(self.url)
        if self.papers is not None:
            await self.server.load_certificate(self.papers.der, "der")
            await self.server.load_private_key(self.papers.pem, None, "pem")
            self.server.set_security_policy(POLICIES)
            self.server.set_identity_tokens(
                [ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken]
            )
        else:
            self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        for n in range(self.others):
            await self.server.register_namespace(f"urn:other:{n}")
        self.index = await self.server.register_namespace(self.uri)
        await self._build()
        await self.server.start()
        self.port = self.server.bserver._server.sockets[0].getsockname()[1]

    def id(self, name: str) -> ua.NodeId:
        return ua.NodeId.from_string(f"ns={self.index};s={name}")

    async def _build(self) -> None:
        objects, index = self.server.nodes.objects, self.index
        line = await objects.add_object(self.id("Line"), ua.QualifiedName("Line", index))
        for name, (value, kind) in self.made.items():
            named = ua.QualifiedName(name, index)
            node = await line.add_variable(self.id(name), named, value, kind)
            if name not in ("Count",):
                await node.set_writable()
            self.nodes[name] = node
        for name, made in self._methods().items():
            takes, gives = made[1:]
            named = ua.QualifiedName(name, index)
            await line.add_method(self.id(name), named, made[0], takes, gives)

    def _methods(self) -> dict[str, tuple[Any, list[Any], list[Any]]]:
        @uamethod
        async def release(parent: Any, lane: int) -> Any:
            await self.hold.wait()
            self.called.append(("Release", lane))
            if lane > 3:
                return _status(StatusCodes.BadInvalidState)
            return ua.Variant(100 + lane, V.UInt32)

        return {"Release": (release, [V.UInt16], [V.UInt32])}

    async def set(self, name: str, value: Any) -> None:
        await self.nodes[name].write_value(ua.Variant(value, self.made[name][1]))

    async def say(self, name: str, value: Any, status: int) -> None:
        """A value with a status that is not simply good."""
        variant = None if value is None else ua.Variant(value, self.made[name][1])
        said = ua.DataValue(variant, _status(status))
        await self.server.write_attribute_value(self.id(name), said)

    async def get(self, name: str) -> Any:
        return await self.nodes[name].read_value()

    async def counting(self, every_s: float = 0.05) -> None:
        count = 0
        while True:
            count += 1
            await self.set("Count", count)
            await asyncio.sleep(every_s)


@asynccontextmanager
async def peer(**given: Any) -> AsyncIterator[Peer]:
    made = Peer(**given)
    await made.start()
    counting = asyncio.create_task(made.counting() if "Count" in made.made else asyncio.sleep(0))
    try:
        yield made
    finally:
        made.hold.set()
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
        await made.server.stop()


async def main(given: dict[str, Any]) -> None:
    """given["papers"]: where to lay the certificate that it is to be known by."""
    if (at := given.pop("papers", None)) is not None:
        given["papers"] = papers()
        Path(at).write_bytes(given["papers"].der)
    async with peer(**given) as made:
        print(json.dumps({"port": made.port}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main(json.loads(sys.argv[1])))
