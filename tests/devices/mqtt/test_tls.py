"""Brokers over TLS: known by their authority, asked for ours; both of our clients alike."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devices import mqtt, mqtt_tls, telemetry_line
from devices.errors import DeviceError, Refused, Unreachable
from devices.home import placed
from devices.map.check import check
from devices.map.load import load_map
from devices.map.schema import Mqtt
from devices.mqtt_drops import Drops
from devices.telemetry_line import publishing
from tests.devices.brokers import Broker
from tests.devices.mqtt.papers import Authority
from tests.devices.peers import PATIENCE_S, TcpPeer

TLS = """\
cafile {ca}
certfile {cert}
keyfile {key}
require_certificate {required}
"""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def broker(mosquitto: Path, tmp_path: Path) -> Iterator[Broker]:
    made = Broker(mosquitto, tmp_path, durable=False)
    yield made
    made.dies()


def secured(broker: Broker, folder: Path, authority: Authority, *, client: bool = False) -> None:
    cert, key = authority.issues("broker")
    broker.stop()
    conf = folder / "mosquitto.conf"
    first, *rest = conf.read_text().splitlines(keepends=True)
    required = "true" if client else "false"
    told = TLS.format(ca=authority.certificate, cert=cert, key=key, required=required)
    conf.write_text("".join([first, told, *rest]))
    broker.start()


def line(broker: Broker, **more: Any) -> Mqtt:
    return Mqtt.model_validate(broker.connection.model_dump(by_alias=True) | more)


@asynccontextmanager
async def as_device(config: Mqtt) -> AsyncIterator[None]:
    async with mqtt.connected("ptl_a", config, [mqtt.Topic("zone/+/event")], Drops()):
        yield


@asynccontextmanager
async def as_telemetry(config: Mqtt) -> AsyncIterator[None]:
    acknowledged = asyncio.Event()
    async with publishing(
        "telemetry",
        config,
        has=lambda number: acknowledged.set(),
        listen="wedge/+",
        asked=lambda topic: None,
    ) as open_line:
        open_line.send([(1, b"\x00\x01t", b"{}")])
        async with asyncio.timeout(PATIENCE_S):
            await acknowledged.wait()
        yield


Client = Callable[[Mqtt], AbstractAsyncContextManager[None]]
CLIENTS = pytest.mark.parametrize("client", [as_device, as_telemetry])


async def refused(client: Client, config: Mqtt) -> DeviceError:
    with pytest.raises(DeviceError) as told:
        async with client(config):
            pass
    return told.value


@CLIENTS
async def test_a_broker_of_our_authority_is_taken_and_another_is_not(
    broker: Broker, tmp_path: Path, authority: Authority, client: Client
) -> None:
    secured(broker, tmp_path, authority)
    async with client(line(broker, tls={"ca": str(authority.certificate)})):
        pass
    stranger = Authority(tmp_path, "stranger")
    for wrong in ({"ca": str(stranger.certificate)}, {}):  # nor those of this machine
        assert isinstance(await refused(client, line(broker, tls=wrong)), Unreachable)
    assert isinstance(await refused(client, line(broker)), Unreachable)  # in clear


@CLIENTS
async def test_a_broker_is_no_other_name_s(
    broker: Broker, tmp_path: Path, authority: Authority, client: Client
) -> None:
    """Its certificate says 127.0.0.1."""
    secured(broker, tmp_path, authority)
    named = line(broker, host="localhost", tls={"ca": str(authority.certificate)})
    assert isinstance(await refused(client, named), Unreachable)


@CLIENTS
async def test_a_broker_that_wants_a_certificate_gets_ours(
    broker: Broker, tmp_path: Path, authority: Authority, client: Client
) -> None:
    secured(broker, tmp_path, authority, client=True)
    cert, key = authority.issues("wedge")
    own = {"ca": authority.certificate.name, "cert": cert.name, "key": key.name}
    async with client(placed(line(broker, tls=own), tmp_path)):  # in the data folder
        pass
    nameless = line(broker, tls={"ca": str(authority.certificate)})
    assert isinstance(await refused(client, nameless), Unreachable)


@CLIENTS
async def test_a_peer_that_never_shakes_hands_is_given_up(
    broker: Broker, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_tls, "HANDSHAKE_S", 0.3)
    monkeypatch.setattr(mqtt, "OPEN_WITHIN_S", 0.3)
    monkeypatch.setattr(telemetry_line, "OPEN_WITHIN_S", 0.3)
    async with TcpPeer() as mute:
        told = await refused(client, line(broker, port=mute.port, tls={}))
        assert isinstance(told, Unreachable)


@CLIENTS
async def test_files_that_are_missing_are_named(
    broker: Broker, tmp_path: Path, authority: Authority, client: Client
) -> None:
    missing = await refused(client, line(broker, tls={"ca": "nowhere.pem"}))
    assert isinstance(missing, Refused) and "nowhere.pem cannot be read" in str(missing)
    cert, _ = authority.issues("wedge")
    wrong = {"ca": str(authority.certificate), "cert": str(cert), "key": str(cert)}
    told = await refused(client, line(broker, tls=wrong))
    assert isinstance(told, Refused) and "cannot be used" in str(told)


@CLIENTS
async def test_the_password_comes_from_the_secrets_file_and_never_into_words(
    broker: Broker, tmp_path: Path, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    broker.stop()
    broker.allows_only("wedge", "tell-nobody")
    broker.start()
    said = line(broker, user="wedge", password={"secret": "BROKER_PASSWORD"})
    config = placed(said, tmp_path)
    assert "BROKER_PASSWORD is missing" in str(await refused(client, config))
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"BROKER_PASSWORD": "tell-nobody"}))
    secrets.chmod(0o644)
    assert "chmod 600 first" in str(await refused(client, config))
    secrets.chmod(0o600)
    async with client(config):
        pass
    assert "tell-nobody" not in repr(config) + caplog.text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"tls": {"cert": "a.pem"}}, "`cert` and `key` belong together"),
        ({"tls": {"ca": "a.pem", "verify": False}}, "Extra inputs"),
        ({"password": {"secret": "X"}}, "needs its `user`"),
        ({"user": "w", "password": "tell-nobody"}, "a secret in clear text"),
    ],
)
def test_what_makes_no_sense_is_an_error_of_the_map(said: dict[str, Any], why: str) -> None:
    body = {"type": "mqtt", "host": "h", "client_id": "c"} | said
    with pytest.raises(ValueError, match=why) as told:
        Mqtt.model_validate(body)
    assert "tell-nobody" not in str(told.value).split("[type=")[0]


def test_a_key_that_stands_in_the_map_is_a_finding(tmp_path: Path) -> None:
    demo = Path("config/demo/devices.yaml").read_text()
    pasted = 'tls: {cert: a.pem, key: "-----BEGIN PRIVATE KEY-----"}'
    told = demo.replace("client_id: wedge-demo,", f"client_id: wedge-demo, {pasted},")
    (tmp_path / "devices.yaml").write_text(told)
    (found,) = [one for one in check(load_map(tmp_path)) if one.code == "DM118"]
    assert "broker: key is said openly" in found.text
    assert "PRIVATE KEY" not in found.text
