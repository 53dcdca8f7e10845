"""A serial bus: units that share it, its silences, and the plug that is pulled."""

import asyncio
from pathlib import Path

import pytest

from devices.errors import Unreachable
from devices.io import IoDriver
from devices.live import Live
from devices.map.schema import ModbusRtu
from devices.tags.lines import open_tags
from tests.devices.conveyor.site import Ears, RunningClock, supervised
from tests.devices.tags.stations import Bench, on_serial
from tests.devices.tags.test_lines import device, tags_of, until
from wcs.names import DeviceId
from wcs.observations import DeviceDown, DeviceUp


def bus(port: str, **more: object) -> ModbusRtu:
    told: dict[str, object] = {
        "type": "modbus-rtu",
        "port": port,
        "timeout": "100ms",
        "baud": 115200,
    }
    told["format"] = "8N1"  # a pseudo-terminal knows no parity
    return ModbusRtu.model_validate({**told, **more})


async def test_two_units_on_one_serial_line_are_read_and_written() -> None:
    bench = Bench(1, 2, rtu=True)
    bench[2].hr[0] = 200
    writable = {"a": {"at": "hr:0", "type": "uint16", "access": "rw"}}
    async with (
        on_serial(bench) as port,
        tags_of(device(1, writable), bus(port)) as one,
        tags_of(device(2, writable), bus(port)) as two,
    ):
        assert (one.value("a").value, two.value("a").value) == (0, 200)
        await one.write({"a": 4711})
        await until(lambda: one.value("a").value == 4711)
        assert two.value("a").value == 200


async def test_between_two_frames_the_line_is_silent_for_a_while() -> None:
    """3.5 characters at 9600 baud are 4 ms (MODBUS over Serial Line 1.02, 2.5.1.1)."""
    bench = Bench(1, rtu=True)
    many = {f"t{at}": {"at": f"hr:{at}", "type": "uint16"} for at in range(0, 200, 20)}
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with on_serial(bench) as port, tags_of(device(1, many), bus(port, baud=9600)):
        taken = loop.time() - begun
    assert len(bench.asked) >= 10
    assert taken >= 9 * 3.5 * 11 / 9600


async def test_a_silent_unit_ends_alone_and_noise_is_no_value() -> None:
    bench = Bench(1, 2, rtu=True)
    bench.spoil = lambda asked, answer: [b"\x00", answer]
    async with (
        on_serial(bench) as port,
        tags_of(device(1), bus(port)) as one,
        tags_of(device(2), bus(port)) as two,
    ):
        bench[2].silent = True
        with pytest.raises(Unreachable, match="unit 2 does not answer"):
            async with asyncio.timeout(5):
                await two.run()
        bench[1].hr[0] = 7
        await until(lambda: one.value("a").value == 7)


async def test_a_port_that_is_not_there_is_said() -> None:
    with pytest.raises(Unreachable, match="no serial port at /dev/nowhere"):
        async with open_tags(
            DeviceId("meter"), device(1), bus("/dev/nowhere"), RunningClock(), Live()
        ):
            pass


async def test_a_meter_that_was_off_comes_back() -> None:
    ears, clock, live = Ears(), RunningClock(), Live()
    bench = Bench(1, rtu=True)
    async with on_serial(bench) as port:
        driver = IoDriver(DeviceId("meter"), device(1), bus(port), clock=clock, live=live)
        async with supervised(driver, ears, clock):
            await ears.hear(DeviceUp)
            bench[1].silent = True
            (down,) = await ears.hear(DeviceDown)
            assert down.reason == "does not answer"
            bench[1].silent = False
            await ears.hear(DeviceUp, 2)
            assert live.of(DeviceId("meter"))["b"].quality == "good"


async def test_46_a_pulled_plug_ends_the_line_and_a_new_one_is_found(tmp_path: Path) -> None:
    """The port vanishes; another one comes up under the same name."""
    ears, clock, live = Ears(), RunningClock(), Live()
    name = tmp_path / "meter"
    driver = IoDriver(DeviceId("meter"), device(1), bus(str(name)), clock=clock, live=live)
    async with supervised(driver, ears, clock):
        async with on_serial(Bench(1, rtu=True)) as port:
            name.symlink_to(port)
            await ears.hear(DeviceUp)
        await until(lambda: "was unplugged" in [one.reason for one in ears.of(DeviceDown)])
        name.unlink()
        bench = Bench(1, rtu=True)
        bench[1].hr[0] = 4711
        async with on_serial(bench) as port:
            name.symlink_to(port)
            await ears.hear(DeviceUp, 2)
            assert live.of(DeviceId("meter"))["a"].value == 4711
