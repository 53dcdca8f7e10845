"""Methods of an OPC UA server as the map declares them: typed arguments in, results by name out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asyncua import ua
from asyncua.ua.uaerrors import UaError

from devices.device import Clock
from devices.errors import Refused
from devices.map.schema import Method
from devices.tags import opcua_words as words
from devices.tags.codec import Unwritable
from devices.tags.opcua_session import Line
from devices.tags.opcua_values import VARIANTS, fitting, scalar
from devices.tags.port import Denied, TooLate
from devices.tags.value import Plain


class OpcMethods:
    """`devices.tags.methods.Methods` of one device."""

    def __init__(self, line: Line, methods: Mapping[str, Method], clock: Clock) -> None:
        self._line, self._methods, self._clock = line, methods, clock
        self._ids = {
            name: (line.node(one.object), line.node(one.method)) for name, one in methods.items()
        }

    async def call(
        self, name: str, given: Mapping[str, Plain], before: datetime | None = None
    ) -> dict[str, Plain]:
        """Never repeated: without an answer it is not known whether it ran.

        Raises Unwritable (nothing was sent), TooLate, NoReply, Denied, Unreachable.
        """
        request = self._request(name, given)
        now = self._clock.now()
        if before is not None and now >= before:
            raise TooLate
        left_s = (before - now).total_seconds() if before is not None else None
        (result,) = await self._line.ask(self._called(request), within_s=left_s)
        return self._results(name, result)

    async def _called(self, request: ua.CallMethodRequest) -> list[ua.CallMethodResult]:
        """A fault of the whole request is the server's answer, not the end of the session."""
        try:
            found: list[ua.CallMethodResult] = await self._line.services.call([request])
        except UaError as err:
            if not (code := words.code_of(err)):
                raise
            return [ua.CallMethodResult(ua.StatusCode(code))]  # type: ignore[arg-type]
        return found

    def _request(self, name: str, given: Mapping[str, Plain]) -> ua.CallMethodRequest:
        if name not in self._methods:
            raise Unwritable(f"the map has no method {name}")
        takes = self._methods[name].takes
        if set(given) != set(takes):
            raise Unwritable(f"{name} takes {', '.join(takes) or 'nothing'}")
        made = ua.CallMethodRequest()
        made.ObjectId, made.MethodId = self._ids[name]
        made.InputArguments = [
            ua.Variant(_fitting(f"{name}.{one}", type, given[one]), VARIANTS[type])
            for one, type in takes.items()
        ]
        return made

    def _results(self, name: str, result: Any) -> dict[str, Plain]:
        device, gives = self._line.device, self._methods[name].gives
        if not result.StatusCode.is_good():
            told = f"refuses {name}: {words.of(result.StatusCode.value)}"
            raise Denied(device, told, result.StatusCode.value)
        outputs = result.OutputArguments or []
        if len(outputs) != len(gives):
            raise Refused(device, f"{name} ran but gave {len(outputs)} values, not {len(gives)}")
        return {one: scalar(out.Value) for one, out in zip(gives, outputs, strict=True)}


def _fitting(name: str, type: str, value: Plain) -> Plain:
    if isinstance(value, tuple):
        raise Unwritable(f"{name}: several values at once are not given")
    return fitting(name, type, value)
