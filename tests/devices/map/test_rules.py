"""Rules whose answer depends on more than one line: shared registers, time on the belt, the time of
a serial line."""

import re
from pathlib import Path

import pytest

from devices.map.check import check
from devices.map.load import understood
from devices.map.plan import lines_of
from devices.map.reading import read
from devices.map.schema import DeviceMap

GOOD = (Path(__file__).parent / "broken" / "good.yaml").read_text()
HEAD = 'devicemap: 1\nsite: {{code: T, gln: "1", timezone: UTC}}\n'


def made(text: str) -> DeviceMap:
    tree, errors = read(text, "m.yaml")
    assert tree is not None and errors == []
    draft = understood(tree, [])
    assert draft.map is not None and draft.errors == [], draft.errors
    return draft.map


def codes(text: str) -> list[str]:
    return [one.code for one in check(made(text))]


def io(line: str, tag: str, unit: int = 1) -> str:
    return f"{{kind: io, connection: {line}, unit: {unit}, tags: {{x: {tag}}}}}"


TWO = (
    HEAD
    + """connections:
  a: {{type: modbus-tcp, host: 10.0.0.1}}
  b: {{type: modbus-tcp, host: {host}}}
devices:
  one: {one}
  two: {two}
"""
)
WORD = '{at: "hr:5", type: uint16, access: rw}'
WIDE = '{at: "hr:4", type: uint32, access: rw}'


def bit(number: int) -> str:
    return f'{{at: "hr:5.{number}", type: bool, access: rw}}'


@pytest.mark.parametrize(
    ("host", "one", "two", "expected"),
    [
        ("10.0.0.2", io("a", WORD), io("b", WORD), []),
        ("10.0.0.1", io("a", WORD), io("b", WORD), ["DM114", "DM132"]),
        ("10.0.0.1", io("a", WORD), io("b", WORD, unit=2), ["DM132"]),
        ("10.0.0.1", io("a", WORD), io("b", WIDE), ["DM114", "DM132"]),
        ("10.0.0.1", io("a", bit(0)), io("b", bit(1)), ["DM132"]),
        ("10.0.0.1", io("a", bit(0)), io("b", bit(0)), ["DM114", "DM132"]),
        ("10.0.0.1", io("a", bit(0)), io("b", WORD), ["DM114", "DM132"]),
    ],
)
def test_two_writers_of_one_register(host: str, one: str, two: str, expected: list[str]) -> None:
    assert codes(TWO.format(host=host, one=one, two=two)) == expected


POINT = "decision_point: {scanner: t1, distance: 1800mm, belt_speed: 1.2m/s}"
TUNNEL = '  t1: {kind: scanner, connection: gate, framing: {start: "\\x02", end: "\\x03"}'


@pytest.mark.parametrize(
    ("distance", "speed", "window", "late"),
    [
        ("1800mm", "1.2m/s", "", False),
        ("960mm", "1.2m/s", "", True),  # 0.8 s; 0.81 s are needed
        ("980mm", "1.2m/s", "", False),
        ("1800mm", "speed", "", True),  # its range says up to 2.5 m/s
        ("2100mm", "speed", "", False),
        ("980mm", "1.2m/s", "600ms", True),  # the scanner says that its reads come later
        ("600mm", "1.2m/s", "50ms", True),  # or the next eye may come 100 ms later
        ("700mm", "1.2m/s", "50ms", False),
    ],
)
def test_the_way_to_the_blade_takes_time(
    distance: str, speed: str, window: str, late: bool
) -> None:
    point = POINT.replace("1800mm", distance).replace("1.2m/s", speed)
    associate = f", associate: {{device: s1, event: induct, window: [-100ms, {window}]}}"
    text = GOOD.replace(POINT, point).replace(TUNNEL, TUNNEL + (associate if window else ""))
    assert ("DM113" in codes(text)) == late


BUS = (
    HEAD
    + """defaults: {{poll: {{fast: {every}}}}}
connections: {{bus: {{type: modbus-rtu, port: /dev/bus, baud: {baud}}}}}
devices:
  m1: {{kind: io, connection: bus, unit: 1, tags: {{x: {{at: "ir:0", type: float32, poll: fast}}}}}}
  m2: {{kind: io, connection: bus, unit: 2, tags: {{x: {{at: "ir:0", type: float32, poll: fast}}}}}}
"""
)


def test_the_bytes_of_a_serial_line_take_their_time() -> None:
    (line,) = lines_of(made(BUS.format(every="100ms", baud=9600)))
    each_s = 0.005 + (8 + 5 + 4 + 7) * 11 / 9600  # two registers, two silences of 3.5 bytes
    assert [read.takes_s for read in line.reads] == [pytest.approx(each_s)] * 2
    assert line.requests_s == pytest.approx(20)
    assert line.load == pytest.approx(20 * each_s)
    assert line.round_s == pytest.approx(2 * each_s)


@pytest.mark.parametrize(
    ("every", "baud", "full"),
    [("100ms", 9600, False), ("80ms", 9600, True), ("80ms", 115200, False), ("10ms", 115200, True)],
)
def test_a_line_that_is_full_is_said(every: str, baud: int, full: bool) -> None:
    assert ("DM116" in codes(BUS.format(every=every, baud=baud))) == full


def test_what_is_said_names_the_numbers() -> None:
    (found,) = [one for one in check(made(BUS.format(every="50ms", baud=9600)))]
    assert re.search(r"bus: its polls take 130% .*, 40 requests a second at 32.5 ms", found.text)
