"""Who answers at a Modbus address: vendor, product and revision, asked when a person wants to know.

Function 43/14 (MODBUS Application Protocol 1.1b3, 6.21). It is rare and its reply has no fixed
form, so pymodbus reads it; nothing that is polled or written goes through it.
"""

from typing import Final

from pymodbus.pdu.mei_message import ReadDeviceInformationRequest, ReadDeviceInformationResponse

from devices.errors import Refused
from devices.map.schema import Modbus
from devices.tags.lines import lines
from devices.tags.pdu import ANY_SIZE, Request

WORDS: Final = ("vendor", "product", "revision", "url", "name", "model", "application")
BASIC: Final = 1


class _Visitor:
    problem = ""

    def ended(self, problem: str) -> None:
        self.problem = problem


async def identity(device: str, connection: Modbus, unit: int) -> dict[str, str]:
    """`vendor`, `product`, `revision` and what else it tells, on the line that is open anyway.

    Raises DeviceError; Refused where the line cannot carry the question.
    """
    if connection.type != "modbus-tcp":  # type: ignore[attr-defined]
        raise Refused(device, "says who it is over Modbus TCP only")
    asked = ReadDeviceInformationRequest(read_code=BASIC, object_id=0)
    head = bytes((asked.function_code,))
    request = Request(head + asked.encode(), head, ANY_SIZE)
    async with lines().on(connection, device) as bus:
        visitor = _Visitor()
        seat = bus.join(unit, visitor)
        try:
            reply: bytes = await bus.order(seat, lambda: bus.ask(seat, request, device))
        finally:
            bus.leave(seat, visitor)
    told = ReadDeviceInformationResponse()
    told.decode(reply[1:])
    return {
        WORDS[number]: text.decode("ascii", "replace")
        for number, text in told.information.items()
        if number < len(WORDS) and isinstance(text, bytes)
    }
