"""Who we are to a broker, and how we know that it is the broker."""

import ssl
from dataclasses import dataclass
from typing import Final

from devices.errors import Refused
from devices.home import revealed
from devices.map.schema import Mqtt

HANDSHAKE_S: Final = 3.0
HINT: Final = "a PEM file, its path in the data folder"


class _Socket(ssl.SSLSocket):
    """paho leaves a handshake that fails half open, and waits for one as for a whole keep-alive."""

    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(HANDSHAKE_S)
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


@dataclass(frozen=True, slots=True)
class Papers:
    """user and password: None where the broker asks for none. tls: None in clear."""

    user: str | None
    password: str | None
    tls: ssl.SSLContext | None


def papers(device: str, config: Mqtt) -> Papers:
    """Read anew at each connect, so they are exchanged without a restart. Raises Refused."""
    password = revealed(device, config.password) if config.password is not None else None
    return Papers(config.user, password, _context(device, config))


def _context(device: str, config: Mqtt) -> ssl.SSLContext | None:
    """TLS 1.2 or better; the broker's name and chain are always checked."""
    tls = config.tls
    if tls is None:
        return None
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError) as err:
        raise Refused(device, f"the authority {tls.ca} cannot be read: {err}", hint=HINT) from err
    context.sslsocket_class = _Socket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.cert is not None:
        try:
            context.load_cert_chain(tls.cert, tls.key)
        except (OSError, ssl.SSLError) as err:
            told = f"the certificate {tls.cert} with its key {tls.key} cannot be used: {err}"
            raise Refused(device, told, hint=HINT) from err
    return context
