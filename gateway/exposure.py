"""Where the gateway listens, and what that asks for."""

import ipaddress
import socket
import ssl
from pathlib import Path

from gateway.auth import Auth, AuthError


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_exposed(host: str, cert: Path | None, key: Path | None, auth: Auth) -> None:
    """Beyond this box only with TLS and people. Raises AuthError with what is missing, or what is
    wrong with the certificate."""
    _refuse_unusable(cert, key)
    if is_loopback(host):
        return
    missing = []
    if cert is None or key is None:
        missing.append("TLS (--tls-cert and --tls-key)")
    if not auth.has_people:
        missing.append("people (wedge people add NAME --role ROLE)")
    if missing:
        raise AuthError(
            f"listening on {host} lets others reach the floor: {' and '.join(missing)} needed;"
            " or stay on 127.0.0.1"
        )


def _refuse_unusable(cert: Path | None, key: Path | None) -> None:
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise AuthError("TLS needs both: --tls-cert and --tls-key")
    for file in (cert, key):
        if not file.is_file():
            raise AuthError(f"{file}: there is no such file")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except OSError as err:
        problem = f"{cert} and {key} are no certificate and its key"
        raise AuthError(f"{problem}: {err.strerror}") from err


def listen(host: str, port: int) -> socket.socket:
    """Bound before anything starts, so that a taken port is one sentence. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as err:
        sock.close()
        hint = "another program listens there; choose another --port"
        raise OSError(f"{host}:{port} cannot be taken: {err.strerror} ({hint})") from err
    return sock
