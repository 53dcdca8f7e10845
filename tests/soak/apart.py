"""An OPC UA server in a process of its own: what it holds is not ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from devices.io import IoDriver
from devices.live import Live
from devices.map.connections import OpcUa
from devices.map.schema import Io, NodeTag
from tests.benchmarks.opcua import served
from tests.devices.conveyor.site import RunningClock
from tests.devices.tags.opc_peer import URI
from tests.faults.lines import Line, Needs
from tests.faults.proxy import through
from wcs.names import DeviceId

TAGS: Final[Any] = {
    "count": NodeTag.model_validate(
        {"node": "plant;s=Count", "type": "uint32", "sampling": "50ms"}
    ),
    "speed": NodeTag(node="plant;s=Speed", type="double", access="rw"),
}


@asynccontextmanager
async def opcua_apart(needs: Needs) -> AsyncIterator[Line]:
    """A line that subscribes."""
    with served(needs.folder) as port:
        async with through(port) as proxy:
            url = f"opc.tcp://127.0.0.1:{proxy.port}/plant"
            on = OpcUa.model_validate(
                {"type": "opcua", "url": url, "insecure": True, "namespaces": {"plant": URI},
                 "publishing": "100ms", "timeout": "5s"}
            )  # fmt: skip
            io, live = Io(kind="io", connection="opc", tags=TAGS), Live()
            driver = IoDriver(DeviceId("plc"), io, on, clock=RunningClock(), live=live)
            yield Line(driver, proxy.reset, proxy, live)
