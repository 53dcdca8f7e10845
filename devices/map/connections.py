"""How to reach things: devices refer to these by name."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from devices.map.base import Config, Order, Port
from devices.map.units import Seconds


class Secret(Config):
    """The name of a secret; its value comes from the environment or the secrets file."""

    secret: str


class ModbusTcp(Config):
    type: Literal["modbus-tcp"]
    host: str
    port: Port = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    timeout_s: Seconds = 0.5
    retries: Annotated[int, Field(ge=0, le=9)] = 1
    """Requests without an answer, in a row, that a line survives; no write is repeated blindly."""
    max_gap: int = 8
    max_registers: Annotated[int, Field(ge=1, le=125)] = 120
    addressing: Literal["zero-based", "modicon"] = "zero-based"
    word_order: Order = "big"
    byte_order: Order = "big"


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


class Serial(Config):
    type: Literal["serial"]
    port: str | None = None
    match: SerialMatch | None = None
    baud: int = 9600
    format: Literal["8N1", "8E1", "8O1", "7E1", "7O1", "8N2"] = "8N1"

    @model_validator(mode="after")
    def _is_found_somehow(self) -> "Serial":
        if (self.port is None) == (self.match is None):
            raise ValueError("needs either `port` or `match`")
        return self


class TcpClient(Config):
    type: Literal["tcp-client"]
    host: str
    port: Port
    timeout_s: Seconds = 2.0
    keepalive_s: Seconds | None = None
    connect: Literal["always", "on-demand"] = "always"


Connection = Annotated[ModbusTcp | OpcUa | Mqtt | Serial | TcpClient, Field(discriminator="type")]
