"""What a map only names lies in the gateway's data folder: certificates by their path, passwords by
their name."""

import json
import os
from pathlib import Path
from typing import TypeVar

from devices.errors import Refused
from devices.map.base import Config
from devices.map.connections import Mqtt, OpcSecurity, OpcUa, Secret

SECRETS = "secrets.json"


class KeptSecret(Secret):
    """One that may also stand in a file of names and values (0600)."""

    file: Path


C = TypeVar("C", bound=Config)


def placed(connection: C, data: Path) -> C:
    """The same, its relative paths inside `data`. Opens nothing."""
    changed: dict[str, object] = {}
    if (password := getattr(connection, "password", None)) is not None:
        changed["password"] = KeptSecret(secret=password.secret, file=data / SECRETS)
    if isinstance(connection, Mqtt) and connection.tls is not None:
        paths = {name: str(data / one) for name, one in connection.tls if one is not None}
        changed["tls"] = connection.tls.model_copy(update=paths)
    if isinstance(connection, OpcUa):
        if connection.security is not None:
            changed["security"] = _inside(connection.security, data)
        if connection.user_certificate is not None and connection.user_key is not None:
            changed["user_certificate"] = str(data / connection.user_certificate)
            changed["user_key"] = str(data / connection.user_key)
    return connection.model_copy(update=changed) if changed else connection


def _inside(security: OpcSecurity, data: Path) -> OpcSecurity:
    paths = ("certificate", "private_key", "trust")
    return security.model_copy(update={n: str(data / getattr(security, n)) for n in paths})


def revealed(device: str, secret: Secret) -> str:
    """Its value now, from the environment or its file. Raises Refused."""
    if found := os.environ.get(secret.secret) or _kept(device, secret).get(secret.secret):
        return found
    where = f"the environment or in {secret.file}" if isinstance(secret, KeptSecret) else ""
    raise Refused(
        device, f"secret {secret.secret} is missing: set it in {where or 'the environment'}"
    )


def _kept(device: str, secret: Secret) -> dict[str, str]:
    if not isinstance(secret, KeptSecret) or not secret.file.exists():
        return {}
    if secret.file.stat().st_mode & 0o077:
        raise Refused(device, f"{secret.file}: others may read it; chmod 600 first")
    try:
        return dict(json.loads(secret.file.read_text()))
    except ValueError as err:
        raise Refused(device, f"{secret.file} is not JSON: {err}") from err
