"""PICK-IQ registers, byte for byte; what is not known from a datasheet stands in the device map."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.lights.pick_iq import PickIqCodec, blocks, writes
from devices.map.lights import PickIq
from devices.map.units import At
from devices.tags.frames import Rtu
from tests.contract.zones import MODULES
from tests.devices.peers import SOON
from wcs.commands import SetLight
from wcs.names import DeviceId, LightId, TaskId

CODEC = PickIqCodec(PickIq.model_validate(MODULES))
JOB, KEY, DIGITS = At("hr", 7900), At("hr", 7910), At("hr", 7901)
COLOUR, LOOK = At("hr", 6312), At("hr", 6311)


def light(task: str | None = "12-3", **changes: object) -> SetLight:
    parts: dict[str, object] = {"colour": "blue", "qty": 3, "flash": True}
    return SetLight(
        device=DeviceId("z1"),
        light=LightId("B-01"),
        task=TaskId(task) if task else None,
        before=SOON,
        **(parts | changes),  # type: ignore[arg-type]
    )


def test_what_is_polled_is_as_little_as_can_be() -> None:
    assert [read.request.pdu.hex() for read in CODEC.status] == ["031edc0001", "031ee60001"]


def test_a_lamp_is_written_its_job_last() -> None:
    wanted = CODEC.wanted(light())
    assert list(wanted.items()) == [(DIGITS, 3), (COLOUR, 9), (LOOK, 2), (JOB, 1)]
    assert [one.pdu.hex() for one in writes(wanted, {})] == [
        "061edd0003",
        "0618a80009",
        "0618a70002",
        "061edc0001",
    ]


def test_what_it_holds_is_not_written_again() -> None:
    wanted = CODEC.wanted(light())
    assert writes(wanted, wanted | {KEY: 1}) == []
    assert [one.pdu.hex() for one in writes(wanted, wanted | {DIGITS: 2})] == ["061edd0003"]


def test_dark_is_the_job_alone() -> None:
    assert CODEC.wanted(light(None)) == {JOB: 0}


def test_on_the_wire_as_the_standard_frames_it() -> None:
    """CRC by the table of MODBUS over Serial Line 1.02, 6.2.2."""
    (request,) = writes({JOB: 1}, {})
    assert Rtu().request(7, request)[1].hex() == "07061edc00018fbe"


@pytest.mark.parametrize(
    ("touch", "secondary", "button"),
    [
        (0, "empty", None),
        (1, "empty", "confirm"),
        (2, "empty", "empty"),
        (2, "confirm", "confirm"),
        (2, "nothing", None),
        (3, "empty", None),
    ],
)
def test_what_a_touch_means(touch: int, secondary: str, button: str | None) -> None:
    codec = PickIqCodec(PickIq.model_validate(MODULES | {"secondary": secondary}))
    assert codec.button(touch) == button


def test_more_than_three_digits_are_shown_as_the_most_there_is() -> None:
    assert CODEC.wanted(light(qty=1200))[DIGITS] == 999


def test_a_colour_without_a_number_leaves_the_one_that_is_set() -> None:
    assert COLOUR not in CODEC.wanted(light(colour="white"))


AT = st.builds(At, st.sampled_from(["co", "di", "ir", "hr"]), st.integers(0, 200), st.none())


@given(st.sets(AT, min_size=1, max_size=12), st.integers(0, 0xFFFF))
def test_every_register_is_read_once_and_no_other(wanted: set[At], seed: int) -> None:
    """Each block's reply is its addresses' own words: nothing is under another's name."""
    found: dict[At, int] = {}
    for block in blocks(wanted):
        bits = block.table in ("co", "di")
        value = {n: (n ^ seed) & 1 if bits else (n * 257) & 0xFFFF for n in range(1000)}
        asked = range(block.first, block.first + block.count)
        if bits:
            packed = sum(value[n] << at for at, n in enumerate(asked))
            data = packed.to_bytes((block.count + 7) // 8, "little")
        else:
            data = b"".join(value[n].to_bytes(2, "big") for n in asked)
        words = block.words(bytes((3, len(data))) + data)
        assert all(words[At(block.table, n)] == value[n] for n in asked)
        assert not words.keys() & found.keys()
        found |= words
    assert found.keys() == wanted
