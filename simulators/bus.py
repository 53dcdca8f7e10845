"""The world bus: newline-delimited JSON over TCP between the physical world and its equipment.

Only simulated things speak here; the gateway never does. A device says `{"hello": "<id>"}` and
is told the facts that still stand; then the world sends facts, the device sends acts. Who wants to
know something asks `{"ask": "...", "id": 1}` and gets `{"answer": {...}, "id": 1}`.

Facts to a device, and acts of that device:

    lights       fact press        {light, button: "confirm"|"short", qty}
      (ptl_a)    act  lamp         {light, on, task, qty, colour, flash, text}
                                   on every change; all dark at start
    vehicle      act  amr_pick     {vehicle, lpns}   standing at the hand-over rack
      (amr1)     fact amr_loaded   {lpns, missing}   late while a carton is carried to the rack
                 act  amr_drop     {vehicle, lpns}   standing at the merge, lane 1
                 fact amr_dropped  {lpns, missing}   late while the lane is full
                 fact amr_on_board {vehicle, lpns}   what it really carries; standing
    people       fact ask          {n, method, path, body, key}   to be asked of the gateway
                 act  answer       {n, status, body} status 0: nobody there
    scanner      fact read         {codes: [...], trigger: int | null}   no codes: a no-read
    hand scanner fact trigger      {code}            a person pulls the trigger on a code
                 act  tone         {good: bool}      what the person hears
    scale        fact weight       {grams, stable}
    printer      act  label        {fields, codes, exception: bool}   a label came out; `codes` are
                                   those of its fields that are printed as bars
    sorter PLC   fact eye          {body, length_mm} carton `body` waits at the induction eye
                 act  induct       {body, track}     the belt takes it and triggers the tunnel
                 fact blade        {body, track}     the carton is at the blades now
                 act  divert       {body, lane}      blade set; lane 0 is straight on
                 fact diverted     {body, lane}      seen by the lane's own eye (0: runs round)
                 fact lane         {lane, full, jam} on change; standing
    merge PLC    fact infeed       {lane, waiting, full}   on change; standing
                 fact clear        {clear: bool}     the pack line can take one; standing
                 act  release      {lane}            the front carton of that lane goes
    io           fact set          {tag, value}      what its inputs show
                 fact raise        {shake, data}     an event for its handshake of that name
                 act  acted        {shake, data}     what it carried out
                 act  called       {method, data}    a method of an OPC UA server
    door         act  door         {to}              it begins to open or close
    any device   fact fault        {fault, on}       `unplugged`, `paper_out`...; standing
                 act  saw          {...}             written into the witness as it is

Asks: see `simulators.world.control`.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from simulators.process import LOOPBACK, HostPort, port_of

Message = dict[str, Any]
Heard = Callable[[Message], None]

LONGEST_LINE = 1 << 25
AGAIN_AFTER_S = 0.2
KEPT_ACTS = 1000

log = logging.getLogger("bus")


def fact(name: str, **what: object) -> Message:
    return {"fact": name, **what}


def encode(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


class BusServer:
    """The world's side. One device may say hello again: its newest line is the one that counts.

    acted: called with the device id and each act.
    standing: the facts that a device is told when it says hello.
    asked: answers an ask.
    """

    def __init__(
        self,
        *,
        acted: Callable[[str, Message], None],
        standing: Callable[[str], Iterable[Message]],
        gone: Callable[[str], None],
        asked: Callable[[Message], Message],
    ) -> None:
        self._acted, self._standing, self._gone, self._asked = acted, standing, gone, asked
        self._lines: dict[str, asyncio.StreamWriter] = {}
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def listen(self, port: int = 0) -> HostPort:
        self._server = await asyncio.start_server(
            self._serve, LOOPBACK, port, limit=LONGEST_LINE, reuse_address=True
        )
        return HostPort(LOOPBACK, port_of(self._server))

    async def close(self) -> None:
        self._server.close()
        for line in list(self._open):
            line.close()
        await asyncio.gather(*self._open.values(), return_exceptions=True)

    def tell(self, device: str, message: Message) -> None:
        """To a device that is away: nothing, it is told the standing facts when it comes back."""
        if line := self._lines.get(device):
            line.write(encode(message))

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._listen_to(reader, writer))
        self._open[writer] = line
        line.add_done_callback(lambda _: self._open.pop(writer))

    async def _listen_to(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        device = ""
        try:
            async for text in reader:
                device = self._take(json.loads(text), device, writer)
        except ConnectionError:
            log.info("%s: line dropped", device or "a stranger")
        finally:
            writer.close()
            if self._lines.get(device) is writer:
                del self._lines[device]
                self._gone(device)

    def _take(self, message: Message, device: str, writer: asyncio.StreamWriter) -> str:
        """One message of a line. Returns whose line it is."""
        if "hello" in message:
            device = str(message["hello"])
            self._lines[device] = writer
            writer.writelines([encode(each) for each in self._standing(device)])
        elif "ask" in message:
            answer = self._asked(message)
            writer.write(encode({"answer": answer, "id": message.get("id")}))
        else:
            self._acted(device, message)
        return device


class BusClient:
    """A device's side: `run` keeps the line; acts of the moments without one wait for the next."""

    def __init__(self, world: HostPort, device: str) -> None:
        self._world, self._device = world, device
        self._waiting: deque[bytes] = deque(maxlen=KEPT_ACTS)
        self._writer: asyncio.StreamWriter | None = None

    def act(self, name: str, **what: object) -> None:
        line = encode({"act": name, **what})
        if self._writer is None:
            self._waiting.append(line)
        else:
            self._writer.write(line)

    async def run(self, heard: Heard) -> None:
        """Tells every fact to `heard`, for ever; says hello again whenever the line is new."""
        while True:
            try:
                await self._listen(heard)
            except OSError as err:
                log.debug("%s: no world: %s", self._device, err)
            finally:
                self._writer = None
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _listen(self, heard: Heard) -> None:
        reader, writer = await asyncio.open_connection(*self._world, limit=LONGEST_LINE)
        try:
            writer.write(encode({"hello": self._device}))
            writer.writelines(self._waiting)
            self._waiting.clear()
            self._writer = writer
            async for text in reader:
                heard(json.loads(text))
        finally:
            writer.close()


async def ask(world: HostPort, what: str, **fields: object) -> Message:
    """One question to the world. Raises OSError when there is none, LookupError when it refuses."""
    reader, writer = await asyncio.open_connection(*world, limit=LONGEST_LINE)
    try:
        writer.write(encode({"ask": what, "id": 1, **fields}))
        text = await reader.readline()
    finally:
        writer.close()
    if not text:
        raise ConnectionError("the world hung up")
    answer: Message = json.loads(text)["answer"]
    if "refused" in answer:
        raise LookupError(answer["refused"])
    return answer
