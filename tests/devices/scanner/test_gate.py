"""Which reads belong to which carton, and what several heads say together: values only."""

from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import MultiRead
from devices.scanner.gate import OPEN, WAITING, EyeGate, FrameGate, HeadRead
from devices.scanner.payload import Read
from devices.scanner.scan import read as scan
from devices.scanner.several import Said, together
from wcs.names import Barcode, DeviceId

TOP, LEFT = DeviceId("top"), DeviceId("left")
PLATE = r"L\d{8}"


def said(*codes: str, trigger: int | None = None) -> Read:
    return Read(tuple(map(Barcode, codes)), trigger)


def seen(at: float, *codes: str, head: DeviceId = TOP, trigger: int | None = None) -> HeadRead:
    return HeadRead(head, said(*codes, trigger=trigger), ";".join(codes), at)


def gate() -> EyeGate:
    """A carton owns what is read from 0.1 s before its eye to 0.2 s after."""
    return EyeGate(-0.1, 0.2)


def owned(gate: EyeGate | FrameGate, now: float) -> list[tuple[int | None, list[str]]]:
    return [
        (one.number, [code for each in one.reads for code in each.read.codes])
        for one in gate.closed(now)
    ]


def test_reads_belong_to_the_carton_in_whose_time_they_come() -> None:
    tunnel = gate()
    tunnel.read(seen(9.95, "L1"))  # before the eye
    tunnel.carton(17, 10.0)
    tunnel.read(seen(10.1, "SW1", head=LEFT))
    assert owned(tunnel, 10.19) == []
    assert owned(tunnel, 10.2) == [(17, ["L1", "SW1"])]


def test_a_carton_that_no_head_has_read_is_told_all_the_same() -> None:
    tunnel = gate()
    tunnel.carton(17, 10.0)
    tunnel.read(seen(10.05))  # NoRead: adds nothing
    assert owned(tunnel, 10.2) == [(17, [])]


def test_a_read_that_two_cartons_could_own_spoils_both() -> None:
    tunnel = gate()
    tunnel.carton(17, 10.0)
    tunnel.read(seen(10.05, "L1"))
    tunnel.read(seen(10.17, "L2"))
    tunnel.carton(18, 10.25)
    tunnel.read(seen(10.4, "L3"))
    first, second = tunnel.closed(10.6)
    assert [one.read.codes for one in first.foreign] == [("L2",)]
    assert [one.read.codes for one in second.foreign] == [("L2",)]
    for passage in (first, second):
        reads = [one.read for one in passage.reads]
        foreign = [one.read for one in passage.foreign]
        assert together(reads, None, foreign).codes == ()
    assert together([said("L1")], None, [said("L2")]).conflict == ("L1", "L2")


def test_a_carton_waits_for_the_eye_that_could_own_its_last_read() -> None:
    tunnel = gate()
    tunnel.carton(17, 10.0)
    tunnel.read(seen(10.19, "L1"))
    assert owned(tunnel, 10.21) == [] and tunnel.next_at is not None
    assert 10.28 < tunnel.next_at < 10.3
    assert owned(tunnel, 10.3) == [(17, ["L1"])]


def test_a_read_of_no_carton_is_a_stray() -> None:
    tunnel = gate()
    tunnel.read(seen(5.0, "L9"))
    assert tunnel.closed(5.05) == [] and tunnel.strays == []
    tunnel.closed(5.11)
    assert [one.read.codes for one in tunnel.strays] == [("L9",)]


def test_an_eye_that_is_told_twice_is_one_carton() -> None:
    tunnel = gate()
    tunnel.carton(17, 10.0)
    tunnel.carton(17, 10.05)
    assert owned(tunnel, 11) == [(17, [])]


def test_frames_with_a_number_are_joined_by_it() -> None:
    tunnel = FrameGate(0.2)
    tunnel.read(seen(1.0, "L1", trigger=17))
    tunnel.read(seen(1.05, "L2", trigger=18))
    tunnel.read(seen(1.15, "SW1", trigger=17, head=LEFT))
    assert tunnel.next_at == 1.2
    assert owned(tunnel, 1.21) == [(17, ["L1", "SW1"])]
    assert owned(tunnel, 1.26) == [(18, ["L2"])]
    tunnel.read(seen(2.0, "L3", trigger=17))
    assert owned(tunnel, 2.2) == [(17, ["L3"])]  # the number came round


def test_frames_without_a_number_are_joined_by_coming_soon_after_each_other() -> None:
    tunnel = FrameGate(0.2)
    tunnel.read(seen(1.0, "L1"))
    tunnel.read(seen(1.1, "SW1", head=LEFT))
    tunnel.read(seen(1.25, "L2"))
    assert owned(tunnel, 1.5) == [(None, ["L1", "SW1"]), (None, ["L2"])]


EVENTS = st.lists(
    st.tuples(st.sampled_from(["eye", "read"]), st.integers(0, 200), st.sampled_from("ABCD")),
    max_size=40,
)


@given(EVENTS)
def test_no_read_is_believed_of_two_cartons_and_none_is_lost(
    events: list[tuple[str, int, str]],
) -> None:
    tunnel, closed, sent = gate(), [], 0
    ordered = sorted(events, key=lambda event: event[1])
    for number, (kind, at, code) in enumerate(ordered):
        now = at / 50
        if kind == "eye":
            tunnel.carton(number, now)
        else:
            tunnel.read(seen(now, f"{code}{number}"))
            sent += 1
        closed += tunnel.closed(now)
    closed += tunnel.closed(100.0)
    believed = [one for passage in closed for one in passage.reads]
    spoilt = {one for passage in closed for one in passage.foreign}
    assert len(believed) == len(set(believed)) and not set(believed) & spoilt
    assert len(believed) + len(spoilt) + len(tunnel.strays) == sent
    assert len(closed) == sum(kind == "eye" for kind, *_ in ordered)
    for passage in closed:
        for one in passage.reads:
            assert passage.at - 0.1 <= one.at <= passage.at + 0.2


def test_a_mad_eye_and_a_mad_head_hold_no_more_than_their_share() -> None:
    tunnel, number = gate(), 0
    for number in range(1000):
        tunnel.carton(number, 10.0)
        tunnel.read(seen(10.0, f"L{number}"))
    assert len(tunnel._waiting) <= WAITING
    assert len(tunnel.closed(10.0)) == 1000 - OPEN
    frames = FrameGate(0.2)
    for number in range(1000):
        frames.read(seen(10.0, "L1", trigger=number))
    assert len(frames.closed(10.0)) == 1000 - OPEN


def test_two_different_plates_are_believed_neither() -> None:
    rule = MultiRead(plate=PLATE)
    reads = [said("L00000001", "SW1"), said("L00000002")]
    assert together(reads, rule) == Said((), (), (Barcode("L00000001"), Barcode("L00000002")))
    assert together([said("L00000001"), said("L00000001", "SW1")], rule).codes == (
        "L00000001", "SW1",
    )  # fmt: skip


def test_a_head_that_reads_nothing_hides_nothing() -> None:
    assert together([said(), said("L00000001"), said()], MultiRead()).codes == ("L00000001",)
    assert together([said(), said()], MultiRead()) == Said((), ())


def gs1(text: str) -> Read:
    found = scan(text)
    return Read((Barcode(found.key),), None, (found,))


def test_without_a_form_a_plate_is_an_sscc() -> None:
    one, two = gs1("]C100095060001343521007"), gs1("]C100095060001343521106")
    both = together([one, two, gs1("]C1019506000134352110AB")], MultiRead())
    assert both.codes == () and both.conflict == ("095060001343521007", "095060001343521106")
    assert together([one, one], MultiRead()).codes == ("095060001343521007",)


def test_the_map_may_leave_it_to_the_rules_or_keep_the_first_of_what_agrees() -> None:
    reads = [said("L00000001"), said("L00000002")]
    assert len(together(reads, MultiRead(plate=PLATE, conflict="keep")).codes) == 2
    assert len(together(reads, None).codes) == 2
    assert together([said("A", "B")], MultiRead(keep="first")).codes == ("A",)
