"""How to reach things: devices refer to these by name."""

from ipaddress import ip_address
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, Strict, model_validator

from devices.map.base import Config, Order, Port
from devices.map.units import AddressRange, Seconds

Ranges = Annotated[tuple[AddressRange, ...], Strict(False)]


class Secret(Config):
    """The name of a secret; its value comes from the environment or the secrets file."""

    secret: str

    @model_validator(mode="before")
    @classmethod
    def _is_no_clear_text(cls, value: Any) -> Any:
        """What was written is never repeated: it is a secret."""
        if isinstance(value, (dict, cls)):
            return value
        raise ValueError(f"{CLEAR_TEXT}: write {{secret: NAME}} instead ({WHERE})")


CLEAR_TEXT: Final = "a secret in clear text"
WHERE: Final = "its value comes from the environment or from secrets.json"


class Modbus(Config):
    """What all three ways to speak Modbus share. One connection is one line, whoever is on it."""

    unit: Annotated[int, Field(ge=1, le=255)] = 1
    """Of devices that name none."""
    timeout_s: Seconds = 0.5
    """Nothing waits longer; where several units share a line, one that usually answers fast does
    not either."""
    retries: Annotated[int, Field(ge=0, le=9)] = 1
    """Requests without an answer, in a row, that a unit survives; no write is repeated blindly."""
    max_gap: int = 8
    """Registers nobody wants, read to save a request."""
    max_registers: Annotated[int, Field(ge=1, le=125)] = 120
    """In one request."""
    forbidden: Ranges = ()
    """Never read, not even to fill a gap: `hr:40-41`."""
    writable: Ranges | None = None
    """Nothing else is ever written; by default the tags with access w or rw."""
    addressing: Literal["zero-based", "modicon"] = "zero-based"
    """`modicon` lets tags say `400013` for hr:12."""
    word_order: Order = "big"
    """Of devices and tags that say none."""
    byte_order: Order = "big"


class ModbusTcp(Modbus):
    type: Literal["modbus-tcp"]
    host: str
    port: Port = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    """Some servers want 0. It is read, never written: on a serial line behind it, it is
    everybody."""


class ModbusRtuTcp(Modbus):
    """Serial frames with their checksum behind a TCP port."""

    type: Literal["modbus-rtu-tcp"]
    host: str
    port: Port = 502


POLICIES: Final = {
    "Aes128Sha256RsaOaep": "Aes128_Sha256_RsaOaep",
    "Aes256Sha256RsaPss": "Aes256_Sha256_RsaPss",
}
"""Both spellings are about."""


def _policy(value: Any) -> Any:
    return POLICIES.get(value, value) if isinstance(value, str) else value


class OpcSecurity(Config):
    """Paths that do not begin with a slash lie in the gateway's data folder."""

    policy: Annotated[
        Literal["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"],
        BeforeValidator(_policy),
    ]
    mode: Literal["Sign", "SignAndEncrypt"]
    certificate: str = "pki/own/cert.der"
    private_key: str = "pki/own/key.pem"
    trust: str = "pki/trusted"


class OpcUa(Config):
    type: Literal["opcua"]
    url: Annotated[str, Field(pattern=r"^opc\.tcp://")]
    insecure: bool = False
    """No security: said loudly on every page."""
    security: OpcSecurity | None = None
    user: str | None = None
    password: Secret | None = None
    user_certificate: str | None = None
    user_key: str | None = None
    """Instead of a name and a password."""
    namespaces: dict[str, str]
    """Alias -> namespace URI; the index may move after a restart of the server."""
    read: Literal["subscribe", "poll"] | None = None
    """By default `subscribe` for devices with a tag that says its `sampling`, else `poll`."""
    publishing_s: Seconds = 0.25
    """How often the server tells what changed, or is asked."""
    timeout_s: Seconds = 2.0

    @model_validator(mode="after")
    def _security_is_said(self) -> "OpcUa":
        if self.security is None and not self.insecure:
            raise ValueError("security is missing; `insecure: true` says that none is wanted")
        if self.security is not None and self.insecure:
            raise ValueError("`security` and `insecure: true` exclude each other")
        return self

    @model_validator(mode="after")
    def _user_is_whole(self) -> "OpcUa":
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` belong together")
        if (self.user_certificate is None) != (self.user_key is None):
            raise ValueError("`user_certificate` and `user_key` belong together")
        if self.user is not None and self.user_certificate is not None:
            raise ValueError("a user is told either by a password or by a certificate")
        if self.insecure and (self.user is not None or self.user_certificate is not None):
            raise ValueError("a user is never told over a line without security")
        return self


class MqttTls(Config):
    """The broker's name and chain are always checked. Paths that do not begin with a slash lie in
    the gateway's data folder."""

    ca: str | None = None
    """Authorities whose brokers are trusted, PEM; without it those of this machine."""
    cert: str | None = None
    """Our certificate, PEM, for a broker that wants one."""
    key: str | None = None
    """Its key, PEM."""

    @model_validator(mode="after")
    def _is_whole(self) -> "MqttTls":
        if (self.cert is None) != (self.key is None):
            raise ValueError("`cert` and `key` belong together")
        return self


class Mqtt(Config):
    type: Literal["mqtt"]
    host: str
    port: Port = 1883
    client_id: str
    """Each its own: a broker drops the older of two."""
    clean_session: bool = False
    """false: events wait at the broker while we are away."""
    keepalive_s: Seconds = 15.0
    tls: MqttTls | None = None
    """null: in clear, for this machine or a line of its own. `{}`: with the authorities of this
    machine."""
    user: str | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _user_is_whole(self) -> "Mqtt":
        if self.password is not None and self.user is None:
            raise ValueError("a `password` needs its `user`")
        return self


class SerialMatch(Config):
    usb: str
    """`vendor:product`, as `lsusb` shows it."""
    serial: str = "*"


class Plugged(Config):
    port: str | None = None
    match: SerialMatch | None = None
    """Found by what is plugged in, whatever the port is called today."""

    @model_validator(mode="after")
    def _is_found_somehow(self) -> "Plugged":
        if (self.port is None) == (self.match is None):
            raise ValueError("needs either `port` or `match`")
        return self


class SerialPort(Plugged):
    baud: int = 9600
    format: Literal["8N1", "8E1", "8O1", "7E1", "7O1", "8N2"] = "8N1"


class Serial(SerialPort):
    type: Literal["serial"]


class ModbusRtu(Modbus, SerialPort):
    """A serial line, RS-485 or RS-232."""

    type: Literal["modbus-rtu"]
    baud: int = 19200
    format: Literal["8N1", "8E1", "8O1", "7E1", "7O1", "8N2"] = "8E1"
    """MODBUS over Serial Line 1.02, 2.5.1: even parity unless the device says otherwise."""


class TcpClient(Config):
    type: Literal["tcp-client"]
    host: str
    port: Port
    timeout_s: Seconds = 2.0
    keepalive_s: Seconds | None = 1.0
    """TCP asks a silent peer so often; three questions without an answer, and the line is dead."""
    connect: Literal["always", "on-demand"] = "always"
    """`on-demand` opens for each job: printers that serve several."""


def _address(value: Any) -> Any:
    """Of one machine, never a name: who answers for a name may change it."""
    if not isinstance(value, str):
        return value
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError(f"{value!r} is not an address like 10.0.0.21") from None


class TcpServer(Config):
    """The device calls us. Connections with one `host` and `port` share the listener: who calls is
    told by its address, and nobody else is let in."""

    type: Literal["tcp-server"]
    host: str
    """Our own address to listen at; `0.0.0.0` is every one of ours."""
    port: Port
    peer: Annotated[str, BeforeValidator(_address)]
    """The address of the device."""
    keepalive_s: Seconds | None = 1.0
    """TCP asks a silent peer so often; three questions without an answer, and the line is dead."""


class Hid(Plugged):
    """A scanner that is a USB keyboard, or a USB bar code scanner (HID POS)."""

    type: Literal["hid"]
    reports: Literal["events", "keyboard", "pos"] = "events"
    """`events` of /dev/input/event*, or the raw reports of /dev/hidraw*: `keyboard` or `pos`."""
    layout: Literal["us", "uk", "de", "fr"] = "us"
    """The keyboard that the scanner is set to be; `pos` has none."""


Connection = Annotated[
    ModbusTcp | ModbusRtuTcp | ModbusRtu | OpcUa | Mqtt | Serial | TcpClient | TcpServer | Hid,
    Field(discriminator="type"),
]
