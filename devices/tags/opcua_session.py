"""One OPC UA session of ours: secured as the map says, or refused in words. Every attempt is a new
client, and certificates and passwords are read anew for it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClientState
from asyncua.crypto import security_policies
from asyncua.ua.uaerrors import UaError
from cryptography.exceptions import InvalidSignature

from devices import pki
from devices.cancelled import cancelled_plainly, raise_if_cancelled
from devices.device import Clock
from devices.errors import DeviceError, Refused, Unreachable
from devices.home import revealed
from devices.map.connections import OpcSecurity, OpcUa
from devices.tags import opcua_words as words
from devices.tags.port import NoReply

logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # the supervisor says a fact once

SESSION_MS: Final = 10_000
"""How long a server keeps a session whose gateway was killed."""
GOODBYE_S: Final = 0.5
MISSES: Final = 2
RENEW_AT: Final = 0.75
"""Of a channel's lifetime (OPC 10000-4, 5.5.2.1)."""
NOT_ENCRYPTED: Final = security_policies.SecurityPolicyNone.URI
POLICIES: Final[dict[str, Any]] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128_Sha256_RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256_Sha256_RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificates of an open line, for the alarm before one of them ends."""

    own: pki.Certificate
    server: pki.Certificate


class Line:
    """An open session. `ask` raises NoReply, Unreachable; the server's faults pass as UaError
    where the request asks for them, else they end the session."""

    def __init__(self, device: str, client: Client, config: OpcUa, shown: Shown | None) -> None:
        self.device, self.client, self.shown = device, client, shown
        self._config, self._misses = config, 0
        self._spaces: dict[str, int] = {}
        self.namespaces: list[str] = []

    @property
    def services(self) -> Any:
        return self.client.uaclient

    async def resolve(self) -> None:
        """Where the namespaces are on this server, now."""
        self.namespaces = await self.ask(self.client.get_namespace_array())
        for alias, uri in self._config.namespaces.items():
            if uri not in self.namespaces:
                raise Unreachable(self.device, f"the server has no namespace {uri} ({alias})")
            self._spaces[alias] = self.namespaces.index(uri)

    def node(self, text: str) -> ua.NodeId:
        """`plant;s=Merge.Running` with the index that the namespace has on this server."""
        alias, _, identifier = text.partition(";")
        if alias not in self._spaces:
            raise Refused(self.device, f"{text}: the connection names no namespace {alias}")
        return ua.NodeId.from_string(f"ns={self._spaces[alias]};{identifier}")

    async def ask(
        self, request: Awaitable[T], within_s: float | None = None, misses: int = MISSES
    ) -> T:
        """`misses` requests in a row without an answer, and the line is dead."""
        try:
            async with asyncio.timeout(within_s or self._config.timeout_s):
                with cancelled_plainly():
                    answer = await request
                raise_if_cancelled()
        except TimeoutError as err:
            self._misses += 1
            if self._misses >= misses:
                raise Unreachable(self.device, "does not answer") from err
            raise NoReply(self.device, "no answer in time") from err
        except UaError as err:
            told = words.of(words.code_of(err)) if words.code_of(err) else str(err)
            raise Unreachable(self.device, f"the server ended the session: {told}") from err
        except OSError as err:
            raise Unreachable(self.device, "the line dropped") from err
        self._misses = 0
        return answer

    async def keep(self) -> None:
        """Renews the channel's keys in time; raises Unreachable as soon as the line drops."""
        async with self.client.uaclient.subscribe_state() as states:
            while True:
                lasts_s = self.client.secure_channel_timeout / 1000 * RENEW_AT
                with suppress(TimeoutError):
                    async with asyncio.timeout(lasts_s):
                        await states.wait_for_state(UaClientState.DISCONNECTED)
                    raise Unreachable(self.device, "the line dropped")
                await self.ask(self.client.open_secure_channel(renew=True), misses=1)
                self.client.uaclient.revolve_security_token()


@dataclass(frozen=True, slots=True)
class _Left:
    """A session that we could not close: it takes a place on the server until it is closed."""

    token: ua.NodeId
    nonce: bytes | None
    policies: list[ua.UserTokenPolicy]


_LEFT: Final[dict[str, _Left]] = {}
"""By device and the server's address, user and mode; at most one each."""


@asynccontextmanager
async def opened(device: str, config: OpcUa, clock: Clock) -> AsyncIterator[Line]:
    """Connected, signed in, namespaces found. Raises DeviceError."""
    client = Client(config.url, timeout=config.timeout_s)
    client.session_timeout = SESSION_MS
    client.name = client.description = "Wedge"
    try:
        shown = await _secured(device, client, config, clock) if config.security else None
        await _signed_in(device, client, config, clock)
        line = Line(device, client, config, shown)
        await line.resolve()
        yield line
    finally:
        await _goodbye(client, _key(device, config))


# --- who the server is ----------------------------------------------------------------------------


async def _secured(device: str, client: Client, config: OpcUa, clock: Clock) -> Shown:
    """Our certificate and the server's, both good; the client is set to use them."""
    assert config.security is not None
    try:
        own = await asyncio.to_thread(_own, config.security, clock)
        endpoint = await _endpoint(device, config)
        server = pki.Certificate(pki.leading(endpoint.ServerCertificate or b""))
        host = urlsplit(config.url).hostname or ""
        uri = endpoint.Server.ApplicationUri or ""
        trust = Path(config.security.trust)
        await asyncio.to_thread(
            pki.examine, server, uri=uri, host=host, trust=trust, now=clock.now()
        )
    except (pki.PkiError, ValueError) as err:
        raise Refused(device, str(err)) from err
    policy = POLICIES[config.security.policy](
        server.parsed, own.certificate.parsed, own.key, _mode(config.security)
    )
    client.application_uri = own.uri
    client.security_policy = policy
    client.uaclient.set_security(policy)
    return Shown(own.certificate, server)


def _own(security: OpcSecurity, clock: Clock) -> pki.Own:
    """Made where there is none yet."""
    certificate, key = Path(security.certificate), Path(security.private_key)
    if not certificate.exists() and not key.exists():
        pki.create_own(certificate, key, clock.now())
    return pki.load_own(certificate, key, clock.now())


async def _endpoint(device: str, config: OpcUa) -> ua.EndpointDescription:
    """Asked over a channel that is not secured: what is told is proved by the secured one."""
    assert config.security is not None
    asking = Client(config.url, timeout=config.timeout_s)
    try:
        async with _reaching(device, config):
            found = await asking.connect_and_get_server_endpoints()
    finally:
        asking.disconnect_socket()
    wanted = POLICIES[config.security.policy].URI, _mode(config.security)
    for endpoint in found:
        if (endpoint.SecurityPolicyUri, endpoint.SecurityMode) == wanted:
            return endpoint
    asked = f"{config.security.policy} {config.security.mode}"
    raise Refused(device, f"the server does not offer {asked}, only {_offers(found)}")


def _offers(found: Iterable[ua.EndpointDescription]) -> str:
    told = {
        f"{(one.SecurityPolicyUri or '').partition('#')[2]} {one.SecurityMode.name}".replace(
            "None None_", "no security"
        )
        for one in found
    }
    return ", ".join(sorted(told)) or "nothing"


def _mode(security: OpcSecurity) -> ua.MessageSecurityMode:
    return ua.MessageSecurityMode[security.mode]


# --- who we are -----------------------------------------------------------------------------------


async def _signed_in(device: str, client: Client, config: OpcUa, clock: Clock) -> None:
    async with _reaching(device, config):
        await client.connect_socket()
        await client.send_hello()
    async with _reaching(device, config, shown=config.security is not None):
        await _open_channel(client)
    async with _reaching(device, config):
        if (left := _LEFT.pop(_key(device, config), None)) is not None:
            await _close(device, left, client, config, clock)
        await client.create_session()
    user = await asyncio.to_thread(_user, device, client, config, clock)
    async with _reaching(device, config):
        await client.activate_session(*user)


async def _open_channel(client: Client) -> None:
    try:
        await client.open_secure_channel()
    except AssertionError as err:  # so asyncua 2.1 says that the server answered with a fault
        raise ConnectionRefusedError from err


def _user(
    device: str, client: Client, config: OpcUa, clock: Clock
) -> tuple[str | None, str | None, Any]:
    """Name and password, or a certificate, or nobody."""
    if config.user is None and config.user_certificate is None:
        return None, None, None
    if config.security is None:
        raise Refused(device, "a user is never told over a line without security")
    if config.user_certificate is not None and config.user_key is not None:
        files = Path(config.user_certificate), Path(config.user_key)
        try:
            own = pki.load_own(*files, clock.now(), "the user's certificate")
        except pki.PkiError as err:
            raise Refused(device, str(err)) from err
        client.user_certificate, client.user_private_key = own.certificate.parsed, own.key
        return None, None, own.certificate.parsed
    assert config.password is not None
    token = client.server_policy(ua.UserTokenType.UserName)
    if config.security.mode != "SignAndEncrypt" and token.SecurityPolicyUri == NOT_ENCRYPTED:
        told = "the server wants the password unencrypted over a line that is only signed"
        raise Refused(device, f"{told}: use mode SignAndEncrypt")
    return config.user, revealed(device, config.password), None


@asynccontextmanager
async def _reaching(device: str, config: OpcUa, shown: bool = False) -> AsyncIterator[None]:
    """A step of the connect, what goes wrong in words. shown: the server sees our certificate."""
    try:
        async with asyncio.timeout(config.timeout_s):
            with cancelled_plainly():
                yield
            raise_if_cancelled()
    except (OSError, TimeoutError) as err:
        if shown and isinstance(err, ConnectionError):
            raise _not_trusted(device, config, "it ended the line") from err
        raise Unreachable(device, f"no OPC UA server answers at {config.url}") from err
    except InvalidSignature as err:
        raise Refused(device, "the server does not hold the key of its certificate") from err
    except UaError as err:
        raise _refusal(device, config, err) from err


def _refusal(device: str, config: OpcUa, err: UaError) -> DeviceError:
    code = words.code_of(err)
    if code in words.OURS:
        return _not_trusted(device, config, words.of(code))
    if code in words.USERS:
        who = f"user {config.user}" if config.user else "an anonymous user"
        who = "the certificate of the user" if config.user_certificate else who
        return Refused(device, f"the server refuses {who} ({words.of(code)})")
    if code in words.FULL:
        return Unreachable(device, "all sessions of the server are taken: close another client")
    return Unreachable(device, f"the server refuses us: {words.of(code) if code else err}")


def _not_trusted(device: str, config: OpcUa, told: str) -> Refused:
    file = config.security.certificate if config.security else ""
    return Refused(
        device, f"the server does not accept our certificate ({told}): trust {file} at the server"
    )


# --- the end --------------------------------------------------------------------------------------


def _key(device: str, config: OpcUa) -> str:
    mode = config.security.mode if config.security else ""
    user = config.user or config.user_certificate or ""
    return f"{device} {user}@{config.url} {mode}"


async def _close(device: str, left: _Left, client: Client, config: OpcUa, clock: Clock) -> None:
    """A server with few places has none for us while our lost session holds one."""
    session = client.uaclient.session
    session.restore_authentication_token(left.token)
    client._server_nonce = left.nonce  # type: ignore[assignment]
    client._policy_ids = left.policies
    user = await asyncio.to_thread(_user, device, client, config, clock)
    with suppress(UaError):  # the server has forgotten it: that was the aim
        await client.activate_session(*user)
        await client.uaclient.close_session(True)
    session.reset_authentication_token()
    client._server_nonce = None


async def _goodbye(client: Client, key: str) -> None:
    token = client.uaclient.session.authentication_token
    left = _Left(token, client._server_nonce, client._policy_ids)
    try:
        heard = client.state in (UaClientState.CONNECTED, UaClientState.CHANNEL_OPEN)
        async with asyncio.timeout(GOODBYE_S):
            with cancelled_plainly():
                await client.close_session()
                await client.close_secure_channel()
    except Exception:  # whatever a dying line raises: nobody needs it any more
        heard = False
    if not heard and not token.is_null():
        _LEFT[key] = left
    client.disconnect_socket()
