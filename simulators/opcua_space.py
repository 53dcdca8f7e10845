"""The standard nodes of an OPC UA server, made once per installation and kept on disk.

asyncua builds its four thousand standard nodes at every start, which takes two seconds of CPU; from
a shelf it reads those that are asked for.
"""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from asyncua.server.internal_server import InternalServer

from devices.map.schema import OpcUa
from simulators.child import Address
from simulators.process import LOOPBACK

NAME = "space"
UNSECURED: Final[Address] = {
    "insecure": True,
    **dict.fromkeys(("security", "user", "password", "user_certificate", "user_key")),
}


async def standard_nodes(cache: Path = Path(sys.prefix) / "var" / "wedge") -> Path | None:
    """The shelf for `Server.init`, made now if need be; None where it cannot be kept.

    A finished shelf appears whole, by one rename: two servers may start at the same moment.
    """
    folder = cache / f"opcua-{version('asyncua')}"
    try:
        if not folder.exists():
            cache.mkdir(parents=True, exist_ok=True)
            await _make(folder)
    except OSError:
        return None
    return folder / NAME


async def _make(folder: Path) -> None:
    fresh = Path(mkdtemp(dir=folder.parent))
    try:
        shelf = fresh / NAME
        space = InternalServer()
        await space.load_standard_address_space(shelf)
        shelf.touch()  # whatever kind of dbm wrote it: asyncua looks for a file of this name
        fresh.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def url_of(line: OpcUa, port: int) -> str:
    path = line.url.partition("://")[2].partition("/")[2]
    return f"opc.tcp://{LOOPBACK}:{port}/{path}"


def address_of(line: OpcUa, port: int) -> Address:
    """For an overlay. No simulator has certificates, whatever the map wants."""
    return {"url": url_of(line, port)} | ({} if line.insecure else UNSECURED)
