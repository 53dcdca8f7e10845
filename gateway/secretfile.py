"""Secrets by name: from the environment, else from the data folder's file (0600)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from gateway.settings import Settings, SettingsError

FILE = "secrets.json"


def secrets_for(settings: Settings, data: Path) -> Mapping[str, str]:
    """Every secret the site names. Raises SettingsError naming each that is nowhere."""
    kept = _kept(data / FILE)
    names = {channel.secret for channel in settings.channels}
    names |= {carrier.secret for carrier in settings.carriers}
    names |= {settings.erp.secret} if settings.erp else set()
    found = {name: os.environ.get(name) or kept.get(name, "") for name in names}
    missing = sorted(name for name, value in found.items() if not value)
    if missing:
        hint = f"set it in the environment or in {data / FILE}"
        raise SettingsError([f"secret {name} is missing ({hint})" for name in missing])
    return found


def _kept(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    if path.stat().st_mode & 0o077:
        raise SettingsError([f"{path}: others may read it; chmod 600 first"])
    try:
        return dict(json.loads(path.read_text()))
    except ValueError as err:
        raise SettingsError([f"{path}: not JSON: {err}"]) from err
