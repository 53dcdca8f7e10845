"""Each OPC UA tag of a device read once, whatever becomes of the others."""

from dataclasses import replace

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

from devices.device import Clock
from devices.map.schema import NodeTag, OpcUa
from devices.tags.opcua_session import opened
from devices.tags.opcua_values import valued
from devices.tags.probe import Probed


async def probe_opcua(
    device: str, connection: OpcUa, tags: dict[str, NodeTag], clock: Clock
) -> list[Probed]:
    """Opens a session of its own. Raises DeviceError where there is none."""
    async with opened(device, connection, clock) as line:
        await line.resolve()
        wanted = [ua.ReadValueId(line.node(tag.node), AttributeIds.Value) for tag in tags.values()]
        answers = await line.ask(line.services.read(ua.ReadParameters(NodesToRead=wanted)))
    return [
        _probed(name, tag, answer, clock)
        for (name, tag), answer in zip(tags.items(), answers, strict=True)
    ]


def _probed(name: str, tag: NodeTag, answer: ua.DataValue, clock: Clock) -> Probed:
    found = valued(tag, answer, clock.now())
    known = Probed(name, tag.node, tag.type, tag.unit)
    if found.value is None or found.quality == "bad":
        return replace(known, error=found.reason or "no value")
    return replace(known, value=found.value)
