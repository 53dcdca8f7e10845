"""A vehicle on the broker: an order goes out, is repeated until a state shows it, and its states
come in as steps of the trip."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel, ValidationError

from devices import mqtt
from devices.amr.cadence import Cadence
from devices.amr.messages import Connection, State, Visualization
from devices.amr.reports import news, position, values
from devices.amr.vda5050 import (
    NoWay,
    condition,
    forgot,
    is_older,
    nodes_of,
    order,
    order_done,
    state_request,
)
from devices.amr.wire import Address, Headers, address_of, encoded
from devices.device import Clock
from devices.errors import Unreachable
from devices.failed import failed
from devices.live import Live
from devices.map.schema import Fleet, Mqtt
from devices.mode import Mode, writes
from devices.tags.value import Plain, Value
from wcs.commands import SendTrip
from wcs.envelope import Answer, Posted, Seen
from wcs.names import DeviceId
from wcs.observations import TripProgressed

ONLINE_WITHIN_S: Final = 30.0
CONFIRM_WITHIN_S: Final = 1.0
SENDINGS: Final = 5
"""The order is sent so often at most; then a person or the rule decides."""

log = logging.getLogger(__name__)


class VehicleDriver:
    def __init__(
        self,
        id: DeviceId,
        config: Fleet,
        connection: Mqtt,
        *,
        clock: Clock,
        live: Live,
        mode: Mode = "automatic",
    ) -> None:
        self.id = id
        self._asks = writes(mode)
        self._config, self._clock, self._live = config, clock, live
        self._connection = connection.model_copy(update={"clean_session": True})
        self._address = address_of(id, config)

    @asynccontextmanager
    async def session(self) -> AsyncIterator["VehicleSession"]:
        names = ("connection", "state", "visualization")
        topics = [mqtt.Topic(self._address.topic(name), qos=0, state=True) for name in names]
        async with mqtt.connected(self.id, self._connection, topics, self._live.drops) as line:
            session = VehicleSession(
                self.id, self._config, self._address, line, self._clock, self._live
            )
            await session.open(asks=self._asks)
            yield session


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """An order that no state has shown yet."""

    posted: Posted
    command: SendTrip
    start: str
    """The node where the vehicle stood: every repetition is the same order."""
    sent: int
    again_at: float


class VehicleSession:
    def __init__(
        self,
        id: DeviceId,
        config: Fleet,
        address: Address,
        line: mqtt.MqttLine,
        clock: Clock,
        live: Live,
    ) -> None:
        self._id, self._config, self._address = id, config, address
        self._line, self._clock, self._live = line, clock, live
        self._headers = Headers(address, clock)
        self._online = False
        self._state: State | None = None
        self._heard_at = 0.0
        self._cadence, self._asks = Cadence(), False
        self._told: deque[Seen] = deque()
        self._unconfirmed: Unconfirmed | None = None

    async def open(self, *, asks: bool) -> None:
        """Raises Unreachable while the vehicle is not ONLINE, or says nothing of its state; one
        that is not asked for it says it by itself, at least every half minute."""
        try:
            async with asyncio.timeout(ONLINE_WITHIN_S):
                while not self._online:
                    await self._listen()
            self._asks = asks
            if asks:
                self._ask()
            async with asyncio.timeout(self._config.state_timeout_s):
                while self._state is None:
                    await self._listen()
        except TimeoutError as err:
            what = "says nothing of its state" if self._online else "is not online"
            raise Unreachable(self._id, f"the vehicle {what}") from err

    @property
    def has(self) -> tuple[str, ...]:
        return (f"trip={self._state.orderId}",) if self._state and self._state.orderId else ()

    async def observations(self) -> AsyncIterator[Seen]:
        while True:
            while self._told:
                yield self._told.popleft()
            await self._listen(until=self._next_at())
            self._repeat_order()
            self._mind_silence()
            if self._loop_time() >= self._heard_at + self._config.state_timeout_s:
                raise Unreachable(self._id, "says nothing of its state any more")

    def settled(self, seen: Seen, answer: Answer) -> None:
        return None

    def last_words(self) -> list[Seen]:
        waiting, self._unconfirmed = self._unconfirmed, None
        if waiting:
            self._fail(waiting.posted, "the device is being changed; perhaps it has gone out")
        return list(self._told)

    # --- orders -----------------------------------------------------------------------------------

    def post(self, posted: Posted) -> None:
        command, state = posted.command, self._state
        assert isinstance(command, SendTrip) and state is not None
        if state.orderId == command.trip:
            return
        if self._unconfirmed and self._unconfirmed.command.trip == command.trip:
            self._unconfirmed = replace(self._unconfirmed, posted=posted, command=command)
        elif why := self._objection(command, state):
            self._fail(posted, why)
        else:
            self._unconfirmed = Unconfirmed(posted, command, state.lastNodeId, 0, 0.0)
            self._repeat_order()
        self._line.wake()

    def _objection(self, command: SendTrip, state: State) -> str:
        """Why the vehicle gets no order now; empty when it gets one."""
        if self._clock.now() >= command.before:
            return "too late"
        if self._unconfirmed:
            return f"trip {self._unconfirmed.command.trip} is not confirmed yet"
        if not order_done(state):
            return f"the vehicle is still on trip {state.orderId}"
        if not (now := condition(state)).ready:
            return f"the vehicle is not ready: {now.reason}"
        try:
            nodes_of(command, state.lastNodeId)
        except NoWay as err:
            return str(err)
        return ""

    def _repeat_order(self) -> None:
        """The same order again, under its own id, until a state shows it."""
        waiting = self._unconfirmed
        if waiting is None or self._loop_time() < waiting.again_at:
            return
        if waiting.sent == SENDINGS or self._clock.now() >= waiting.command.before:
            self._unconfirmed = None
            self._fail(waiting.posted, f"not confirmed by the vehicle, sent {waiting.sent} times")
            return
        header = self._headers.next("order")
        self._send("order", order(waiting.command, waiting.start, header))
        again_at = self._loop_time() + CONFIRM_WITHIN_S
        self._unconfirmed = replace(waiting, sent=waiting.sent + 1, again_at=again_at)

    def _next_at(self) -> float:
        silent_at = self._heard_at + self._config.state_timeout_s
        odd_at = self._cadence.next_at if self._asks else None
        again_at = self._unconfirmed.again_at if self._unconfirmed else None
        return min(at for at in (silent_at, odd_at, again_at) if at is not None)

    def _mind_silence(self) -> None:
        now = self._loop_time()
        if self._asks and self._cadence.silent(now):
            raise Unreachable(self._id, "the vehicle has fallen silent")
        if self._asks and self._cadence.late(now):
            self._cadence.asked(now)
            self._ask()

    def _ask(self) -> None:
        self._send("instantActions", state_request(self._headers.next("instantActions")))

    def _send(self, name: str, message: BaseModel) -> None:
        self._line.publish(self._address.topic(name), encoded(message), qos=0)

    def _fail(self, posted: Posted, why: str) -> None:
        self._told.append(Seen(failed(posted, why, self._clock.now()), self))

    # --- what the vehicle says --------------------------------------------------------------------

    async def _listen(self, until: float | None = None) -> None:
        for message in await self._line.take(until):
            try:
                self._hear(message)
            except ValidationError as err:
                log.warning("%s: not VDA 5050 on %s: %s", self._id, message.topic, err)

    def _hear(self, message: mqtt.Message) -> None:
        """Raises Unreachable when the vehicle goes away or forgets its order."""
        match message.topic.rpartition("/")[2]:
            case "connection":
                said = Connection.model_validate_json(message.payload).connectionState
                if self._online and said != "ONLINE":
                    raise Unreachable(self._id, f"the vehicle is {said}")
                self._online = said == "ONLINE"
            case "state":
                self._adopt(State.model_validate_json(message.payload), message)
            case _:
                seen = Visualization.model_validate_json(message.payload).agvPosition
                self._cadence.heard(self._loop_time())
                self._show(position(seen) if seen else ())

    def _adopt(self, state: State, message: mqtt.Message) -> None:
        before = self._state
        if before is not None and is_older(state, before):
            return
        if before is not None and forgot(before, state):
            raise Unreachable(self._id, f"the vehicle forgot its trip {before.orderId}")
        self._state, self._heard_at = state, self._loop_time()
        self._cadence.heard(self._heard_at)
        raw = message.payload.decode("utf-8", "replace")[:2000]
        shown = {state.orderId}
        for observation, key in news(self._id, before, state, self._clock.now()):
            self._told.append(Seen(observation, self, key=key, raw=raw))
            if isinstance(observation, TripProgressed):
                shown.add(observation.trip)
        if self._unconfirmed and self._unconfirmed.command.trip in shown:
            self._unconfirmed = None
        self._show(values(state))

    def _show(self, shown: Iterable[tuple[str, Plain, str]]) -> None:
        at = self._clock.now()
        for tag, value, unit in shown:
            self._live.put(self._id, tag, Value(value, at, unit))

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()
