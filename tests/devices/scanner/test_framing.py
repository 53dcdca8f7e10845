"""Frames come out of a byte stream whatever the line does to it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.framing import Frames

STX_ETX = {"start": b"\x02", "end": b"\x03"}
STYLES = [STX_ETX, {"end": b"\r"}, {"end": b"\r\n"}, {"start": b"<<", "end": b"]>"}]
PAYLOADS = st.lists(st.from_regex(rb"[A-Z0-9;]{0,8}", fullmatch=True), max_size=6)


def test_golden_frames_of_the_wires() -> None:
    frames = Frames(start=b"\x02", end=b"\x03")
    assert frames.feed(bytes.fromhex("02 4C 30 30 30 30 34 37 31 31 03")) == [b"L00004711"]
    assert frames.feed(b"\x02HB\x03\x0217;L00004711;SW000042\x03") == [
        b"HB",
        b"17;L00004711;SW000042",
    ]
    assert frames.dropped == 0


def test_a_hand_scanner_ends_its_code_with_cr() -> None:
    frames = Frames(end=b"\r")
    assert frames.feed(b"L00004711\rA-01") == [b"L00004711"]
    assert frames.feed(b"-1\r") == [b"A-01-1"]


def test_bytes_outside_frames_are_dropped_and_counted() -> None:
    frames = Frames(start=b"\x02", end=b"\x03")
    assert frames.feed(b"noise\x02A\x03\x00\x00\x03\x02B\x03!!") == [b"A", b"B"]
    assert frames.dropped == len(b"noise") + len(b"\x00\x00\x03") + len(b"!!")


def test_a_new_start_gives_up_the_frame_before_it() -> None:
    frames = Frames(start=b"\x02", end=b"\x03")
    assert frames.feed(b"\x02L000\x02L00004711\x03") == [b"L00004711"]
    assert frames.dropped == len(b"\x02L000")


@pytest.mark.parametrize("style", STYLES)
def test_a_million_bytes_without_an_end_cost_nothing_and_the_next_frame_is_read(
    style: dict[str, bytes],
) -> None:
    frames = Frames(**style, limit=16)
    for _ in range(1000):
        assert frames.feed(b"x" * 1000) == []
        assert frames.held <= 16 + 2 * 2
    end, start = style["end"], style.get("start", b"")
    assert frames.feed(end + start + b"L00004711" + end) == [b"L00004711"]


@pytest.mark.parametrize("style", STYLES)
def test_the_tail_of_an_overlong_line_is_not_a_code(style: dict[str, bytes]) -> None:
    frames = Frames(**style, limit=4)
    for byte in style.get("start", b"") + b"L00004711" + style["end"]:
        assert frames.feed(bytes([byte])) == []


def test_a_line_that_falls_silent_in_a_frame_loses_that_frame_only() -> None:
    frames = Frames(end=b"\r")
    assert frames.feed(b"L0000") == []
    assert frames.partial
    frames.flush()
    assert (frames.partial, frames.dropped) == (False, 5)
    assert frames.feed(b"4711\rL00004712\r") == [b"L00004712"]  # its other half is no code
    assert frames.dropped == 10


@pytest.mark.parametrize("noise", [b"\0", b"\n", b"\xff\xfe"])
def test_an_odd_byte_before_a_silence_costs_no_code(noise: bytes) -> None:
    frames = Frames(end=b"\r")
    assert frames.feed(b"L00004711\r" + noise) == [b"L00004711"]
    frames.flush()
    assert frames.feed(b"L00004712\r") == [b"L00004712"]


@pytest.mark.parametrize("style", STYLES)
@given(payloads=PAYLOADS, sizes=st.lists(st.integers(1, 7), min_size=1))
def test_any_chopping_gives_the_same_frames(
    style: dict[str, bytes], payloads: list[bytes], sizes: list[int]
) -> None:
    start, end = style.get("start", b""), style["end"]
    stream = b"".join(start + payload + end for payload in payloads)
    frames, got = Frames(**style, limit=8), []
    for size in itertools.cycle(sizes):
        got += frames.feed(stream[:size])
        if not (stream := stream[size:]):
            break
    assert got == payloads
    assert (frames.dropped, frames.held) == (0, 0)


@pytest.mark.parametrize("style", STYLES)
@given(
    chunks=st.lists(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from([b"\x02", b"\x03", b"\r", b"\r\n", b"<", b"<<", b"]", b"]>", b"AB"]),
        ),
        max_size=30,
    )
)
def test_chopping_never_matters_and_every_byte_is_accounted_for(
    style: dict[str, bytes], chunks: list[bytes]
) -> None:
    marks = len(style.get("start", b"")) + len(style["end"])
    whole, bitten, chunked = (Frames(**style, limit=8) for _ in range(3))
    stream = b"".join(chunks)
    at_once = whole.feed(stream)
    by_byte = [f for byte in stream for f in bitten.feed(bytes([byte]))]
    by_chunk = [f for chunk in chunks for f in chunked.feed(chunk)]
    assert at_once == by_byte == by_chunk
    for frames in (whole, bitten, chunked):
        framed = sum(len(text) + marks for text in at_once)
        assert framed + frames.dropped + frames.held == len(stream)


@pytest.mark.parametrize("style", STYLES)
@given(noise=st.binary(max_size=80), sizes=st.lists(st.integers(1, 7), min_size=1))
def test_after_any_noise_that_ends_a_frame_is_read_whole(
    style: dict[str, bytes], noise: bytes, sizes: list[int]
) -> None:
    """Noise may hold half a mark, a start without an end, or a line beyond every limit."""
    start, end = style.get("start", b""), style["end"]
    stream, frames, got = noise + end + start + b"L00004711" + end, Frames(**style, limit=16), []
    for size in itertools.cycle(sizes):
        got += frames.feed(stream[:size])
        if not (stream := stream[size:]):
            break
    assert got[-1:] == [b"L00004711"]
    assert b"L00004711" not in got[:-1]
    assert all(len(text) <= 16 for text in got)


@pytest.mark.parametrize("style", STYLES)
@given(size=st.integers(0, 24), bite=st.integers(1, 30))
def test_the_limit_is_exact_however_the_line_is_chopped(
    style: dict[str, bytes], size: int, bite: int
) -> None:
    start, end = style.get("start", b""), style["end"]
    frames, payload = Frames(**style, limit=12), b"x" * size
    stream = start + payload + end
    got = [f for at in range(0, len(stream), bite) for f in frames.feed(stream[at : at + bite])]
    assert got == ([payload] if size <= 12 else [])
    assert frames.dropped == (0 if got else len(stream))
