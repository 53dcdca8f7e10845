"""Modbus TCP through pymodbus, which is known to this file alone.

What pymodbus does not do is done here: every returned error is looked at, a dropped line fails the
request at once instead of after its timeout, and answers are checked against their request.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from devices.cancelled import raise_if_cancelled
from devices.device import Clock
from devices.errors import Unreachable
from devices.map.schema import ModbusTcp, NodeTag, RegisterTag
from devices.map.units import Table
from devices.tags.plan import Limits
from devices.tags.poller import Polled
from devices.tags.port import Denied, NoReply

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # the supervisor says a fact once

PROBLEMS: Final = {
    1: "does not know this function",
    2: "has no such address",
    3: "refuses the value or the count",
    4: "failed while it carried out the request",
    5: "needs longer for the request",
    6: "is busy",
    8: "found its memory corrupt",
    10: "has no path to the unit",
    11: "hears nothing from the unit",
}
"""Exception codes, MODBUS Application Protocol 1.1b3, section 7."""
_READ: Final[dict[Table, Any]] = {
    "co": ReadCoilsRequest,
    "di": ReadDiscreteInputsRequest,
    "ir": ReadInputRegistersRequest,
    "hr": ReadHoldingRegistersRequest,
}


@asynccontextmanager
async def modbus_tcp(device: str, config: ModbusTcp) -> AsyncIterator["Wire"]:
    """Raises Unreachable when nobody answers within the connection's timeout."""
    wire = Wire(device, config)
    try:
        await wire.connect()
        yield wire
    finally:
        wire.close()


class Wire:
    """One unit behind one line; one request at a time, none repeated."""

    def __init__(self, device: str, config: ModbusTcp) -> None:
        self._device, self._config = device, config
        self._client = AsyncModbusTcpClient(
            config.host, port=config.port, timeout=config.timeout_s, retries=0, reconnect_delay=0,
            trace_connect=self._connected,
        )  # fmt: skip
        self._client.set_max_no_responses(1_000_000)  # giving up is decided by whoever asks
        self._parse = self._client.ctx.callback_data
        self._client.ctx.callback_data = self._received  # type: ignore[method-assign]

    async def connect(self) -> None:
        where = f"{self._config.host}:{self._config.port}"
        connected = await self._client.connect()
        raise_if_cancelled()
        if not connected:
            raise Unreachable(self._device, f"nobody answers at {where}")
        line: Any = self._client.ctx.transport
        line.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._client.close()

    async def read(self, table: Table, first: int, count: int) -> Sequence[int]:
        """`count` words, or bits as 0 and 1. Raises NoReply, Denied, Unreachable."""
        request = _READ[table](address=first, count=count, dev_id=self._config.unit)
        answer = await self._ask(request)
        if table in ("ir", "hr"):
            found: Sequence[int] = answer.registers
        else:
            found = answer.bits[: max(count, len(answer.bits) - 7)]  # bits come in whole bytes
        if len(found) != count:
            raise Unreachable(self._device, f"answered {len(found)} values instead of {count}")
        return found

    async def write(self, table: Table, first: int, words: Sequence[int]) -> None:
        """Raises NoReply (it may have been carried out), Denied, Unreachable."""
        at: dict[str, Any] = {"address": first, "dev_id": self._config.unit}
        request: ModbusPDU
        if table == "co":
            bits = [bool(word) for word in words]
            several = len(bits) > 1
            request = (WriteMultipleCoilsRequest if several else WriteSingleCoilRequest)(
                bits=bits, **at
            )
        elif len(words) > 1:
            request = WriteMultipleRegistersRequest(registers=list(words), **at)
        else:
            request = WriteSingleRegisterRequest(registers=list(words), **at)
        await self._ask(request)

    async def _ask(self, request: ModbusPDU) -> ModbusPDU:
        ctx = self._client.ctx
        if ctx.transport is None:
            raise Unreachable(self._device, "the line dropped")
        try:
            answer = await ctx.execute(False, request)
        except ConnectionError as err:
            raise Unreachable(self._device, "the line dropped") from err
        except ModbusException as err:
            if ctx.transport is None:
                raise Unreachable(self._device, "the line dropped") from err
            told = f"no answer within {self._config.timeout_s * 1000:.0f} ms"
            raise NoReply(self._device, told) from err
        finally:
            raise_if_cancelled()
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            raise Denied(self._device, PROBLEMS.get(code, f"answers error {code}"), code)
        asked = (request.function_code, request.transaction_id)
        if (answer.function_code, answer.transaction_id) != asked:
            raise Unreachable(self._device, "answered another question")
        return answer

    def _received(self, data: bytes, addr: tuple[Any, ...] | None = None) -> int:
        """Bytes that are no Modbus end the line: what follows them cannot be trusted."""
        try:
            return self._parse(data, addr)
        except Exception as err:
            self._client.ctx.connection_lost(err)
            return len(data)

    def _connected(self, up: bool) -> None:
        """pymodbus leaves the open request waiting when the line drops; end it."""
        if not up:
            waiting: asyncio.Future[ModbusPDU] = self._client.ctx.response_future
            if not waiting.done():
                waiting.set_exception(ConnectionResetError())
                waiting.exception()  # somebody may have stopped waiting: never an unread error


@asynccontextmanager
async def modbus_tags(
    device: str, tags: Mapping[str, RegisterTag | NodeTag], config: ModbusTcp, clock: Clock
) -> AsyncIterator[Polled]:
    """Connected and every tag read once. Raises DeviceError."""
    registers = {name: tag for name, tag in tags.items() if isinstance(tag, RegisterTag)}
    async with modbus_tcp(device, config) as wire:
        limits = Limits(config.max_gap, config.max_registers)
        polled = Polled(device, wire, registers, limits, clock, config.retries + 1)
        await polled.open()
        yield polled
