"""How to reach things: devices refer to these by name."""

from typing import Annotated, Literal

from pydantic import Field, Strict, model_validator

from devices.map.base import Config, Order, Port
from devices.map.units import AddressRange, Seconds

Ranges = Annotated[tuple[AddressRange, ...], Strict(False)]


class Secret(Config):
    """The name of a secret; its value comes from the environment or the secrets file."""

    secret: str


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
    max_registers: Annotated[int, Field(ge=1, le=125)] = 120
    forbidden: Ranges = ()
    """Never read, not even to fill a gap: `hr:40-41`."""
    writable: Ranges | None = None
    """Nothing else is ever written; by default the tags with access w or rw."""
    addressing: Literal["zero-based", "modicon"] = "zero-based"
    word_order: Order = "big"
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


class OpcSecurity(Config):
    policy: Literal["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"]
    mode: Literal["Sign", "SignAndEncrypt"]
    certificate: str
    private_key: str
    trust: str


class OpcUa(Config):
    type: Literal["opcua"]
    url: str
    insecure: bool = False
    security: OpcSecurity | None = None
    user: str | None = None
    password: Secret | None = None
    namespaces: dict[str, str]
    """Alias -> namespace URI; the index may move after a restart of the server."""
    publishing_s: Seconds = 0.25
    timeout_s: Seconds = 2.0

    @model_validator(mode="after")
    def _security_is_said(self) -> "OpcUa":
        if self.security is None and not self.insecure:
            raise ValueError("security is missing; `insecure: true` says that none is wanted")
        return self


class Mqtt(Config):
    type: Literal["mqtt"]
    host: str
    port: Port = 1883
    client_id: str
    clean_session: bool = False
    keepalive_s: Seconds = 15.0
    tls: dict[str, str] | None = None
    user: str | None = None
    password: Secret | None = None


class SerialMatch(Config):
    usb: str
    serial: str = "*"


class SerialPort(Config):
    port: str | None = None
    match: SerialMatch | None = None
    baud: int = 9600
    format: Literal["8N1", "8E1", "8O1", "7E1", "7O1", "8N2"] = "8N1"

    @model_validator(mode="after")
    def _is_found_somehow(self) -> "SerialPort":
        if (self.port is None) == (self.match is None):
            raise ValueError("needs either `port` or `match`")
        return self


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
    keepalive_s: Seconds | None = None
    connect: Literal["always", "on-demand"] = "always"


Connection = Annotated[
    ModbusTcp | ModbusRtuTcp | ModbusRtu | OpcUa | Mqtt | Serial | TcpClient,
    Field(discriminator="type"),
]
