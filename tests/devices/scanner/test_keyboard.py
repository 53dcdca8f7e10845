"""Scanners that are keyboards: golden reports and events, every layout, any chopping."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.keyboard import BootReports, Events, Typist

UP = bytes(8)


def boot(*hexes: str) -> bytes:
    """Each report and the keyboard at rest after it."""
    return b"".join(bytes.fromhex(one) + UP for one in hexes)


# The keys of "Hello, 4711" on a US keyboard, as a boot keyboard reports them (HID 1.11, B.1)
HELLO = boot(
    "02 00 0B 00 00 00 00 00", "00 00 08 00 00 00 00 00", "00 00 0F 00 00 00 00 00",
    "00 00 0F 00 00 00 00 00", "00 00 12 00 00 00 00 00", "00 00 36 00 00 00 00 00",
    "00 00 2C 00 00 00 00 00", "00 00 21 00 00 00 00 00", "00 00 24 00 00 00 00 00",
    "00 00 1E 00 00 00 00 00", "00 00 1E 00 00 00 00 00", "00 00 28 00 00 00 00 00",
)  # fmt: skip


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("llHHi", 1763800000, 123456, kind, code, value)


def stroke(code: int) -> bytes:
    """Scan code, key down, report; key up, report: as evdev gives them."""
    return (
        event(4, 4, 0x70000 + code) + event(1, code, 1) + event(0, 0, 0)
        + event(1, code, 0) + event(0, 0, 0)
    )  # fmt: skip


def test_boot_reports() -> None:
    assert BootReports(Typist("us")).feed(HELLO) == "Hello, 4711\r"


def test_events() -> None:
    shift = 42
    typed = (
        event(1, shift, 1) + event(0, 0, 0) + stroke(38) + event(1, shift, 0) + event(0, 0, 0)
        + stroke(5) + stroke(8) + stroke(2) + event(1, 2, 2) + stroke(28) + stroke(15)
    )  # fmt: skip
    assert Events(Typist("us")).feed(typed) == "L471\r\t"


def test_keys_held_together_are_typed_once_each() -> None:
    reports = BootReports(Typist("us"))
    down = bytes.fromhex("0000040000000000 0000040500000000 0000040506000000 0000060000000000")
    assert reports.feed(down) == "abc"
    assert reports.feed(bytes.fromhex("0000010101010101")) == ""  # too many at once
    assert reports.feed(bytes.fromhex("0000060000000000") + UP) == ""  # c was never let go


@pytest.mark.parametrize(
    ("layout", "keys", "typed"),
    [
        # ]C1 as each keyboard has it
        ("us", ["00 30", "02 06", "00 1E"], "]C1"),
        ("uk", ["00 30", "02 06", "00 1E"], "]C1"),
        ("de", ["40 26", "02 06", "00 1E"], "]C1"),
        ("fr", ["40 2D", "02 06", "02 1E"], "]C1"),
        ("de", ["00 1C", "00 1D", "00 38", "02 38", "40 14", "00 33"], "zy-_@ö"),
        ("fr", ["00 04", "00 14", "00 1A", "00 1D", "00 33", "00 10"], "qazwm,"),
        ("fr", ["00 1E", "02 1E", "00 20", "02 38"], '&1"§'),
        ("uk", ["02 1F", "02 34", "00 64"], '"@\\'),
        ("us", ["02 1F", "02 34", "00 38"], '@"/'),
        ("us", ["01 30"], "\x1d"),  # Ctrl+]: the group separator
        ("us", ["10 30"], "\x1d"),
        ("us", ["04 62", "04 62", "04 5A", "04 61"], "\x1d"),  # Alt+0029
        ("us", ["04 62", "04 59", "04 60", "04 5D"], "¹"),  # Alt+0185, one by one
        ("us", ["04 5A", "04 5A", "04 5D"], "ß"),  # Alt+225 is of code page 437
        ("de", ["00 35", "00 2C"], "^"),
        ("de", ["00 35", "00 04"], "â"),
        ("de", ["00 2E", "00 1B"], "´x"),
        ("us", ["00 39", "00 04", "02 04", "00 1E", "00 39", "00 04"], "Aa1a"),  # caps lock
        ("us", ["00 3A"], "\0"),  # F1 is no character: the code is illegible
        ("us", ["40 04"], "\0"),
    ],
)
def test_layouts(layout: str, keys: list[str], typed: str) -> None:
    data = b""
    for key in keys:
        modifiers, usage = bytes.fromhex(key)
        hold = modifiers & 0x04  # Alt stays down while a number is typed
        data += bytes([modifiers, 0, usage, 0, 0, 0, 0, 0]) + bytes([hold, 0, 0, 0, 0, 0, 0, 0])
    assert BootReports(Typist(layout)).feed(data + UP) == typed.replace("0185", "")


@given(st.lists(st.integers(0, len(HELLO)), max_size=8))
def test_reports_are_whole_however_they_are_chopped(cuts: list[int]) -> None:
    reports, edges = BootReports(Typist("us")), [0, *sorted(cuts), len(HELLO)]
    typed = "".join(reports.feed(HELLO[start:end]) for start, end in pairwise(edges))
    assert typed == "Hello, 4711\r"


@given(st.sampled_from(["us", "uk", "de", "fr"]), st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_break_it_or_stay(layout: str, data: list[bytes]) -> None:
    for records in (BootReports(Typist(layout)), Events(Typist(layout))):
        for one in data:
            records.feed(one)
            assert len(records._rest) < 24
