"""The sorter's PLC on a real line: one carton from the eye to its lane, in hand-written bytes."""

import asyncio

from simulators.modbus_plc import Plc
from simulators.process import LOOPBACK, Place, port_of
from tests.simulators.equipment.bench import DEMO, SOON_S, bench, device, working

SORTER = Place("sorter1", DEMO, "0", None, seed=7, speed=20.0)


class Host:
    """A gateway of a few bytes."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, unit: int = 1
    ) -> None:
        self._reader, self._writer, self._unit = reader, writer, unit

    async def send(self, pdu: str) -> bytes:
        body = bytes((self._unit,)) + bytes.fromhex(pdu)
        self._writer.write(b"\x00\x07\x00\x00" + len(body).to_bytes(2, "big") + body)
        async with asyncio.timeout(SOON_S):
            head = await self._reader.readexactly(6)
            return (await self._reader.readexactly(int.from_bytes(head[4:], "big")))[1:]

    async def until(self, pdu: str, answer: str) -> None:
        async with asyncio.timeout(SOON_S):
            while await self.send(pdu) != bytes.fromhex(answer):
                await asyncio.sleep(0.002)


async def test_a_carton_from_the_eye_to_its_lane() -> None:
    async with bench() as world:
        plc: list[Plc] = []

        def heard_by(client: object) -> object:
            plc.append(Plc(SORTER, client.act))  # type: ignore[attr-defined]
            return plc[0].heard

        async with (
            device(world, "sorter1", heard_by),
            await plc[0].listen(0) as server,
            working(plc[0].beat()),
        ):
            reader, writer = await asyncio.open_connection(LOOPBACK, port_of(server))
            host = Host(reader, writer)
            assert await host.send("06 0000 0001") == bytes.fromhex("06 0000 0001")  # gw_beat
            world.tell("sorter1", "eye", body=41, length_mm=400)
            await world.until(lambda: world.acts)
            assert world.acts[0] == ("sorter1", {"act": "induct", "body": 41, "track": 1})
            await host.until("04 0003 0004", "04 08 0001 0000 0001 0190")  # seq, track, length
            await host.send("06 0007 0001")  # ind_ack
            await host.send("10 0002 0003 06 0000 0001 0002")  # cmd_track, cmd_lane
            await host.send("06 0001 0001")  # cmd_seq
            await host.until("04 0001 0002", "04 04 0001 0001")  # ack_seq, accepted
            world.tell("sorter1", "blade", body=41, track=1)
            await world.until(lambda: world.acts[-1][1]["act"] == "divert")
            assert world.acts[-1][1] == {"act": "divert", "body": 41, "lane": 2}
            world.tell("sorter1", "diverted", body=41, lane=2)
            await host.until("04 0007 0005", "04 0A 0001 0000 0001 0002 0001")  # the confirm event
            world.tell("sorter1", "lane", lane=2, full=True, jam=False)
            await host.until("02 0004 0006", "02 01 02")
            writer.close()
