"""A key that is wrong or guessed moves nothing, and the reason is told."""

from dataclasses import replace

import pytest

from tests.rules.belt import TRACKING, A, B, Belt
from tests.rules.site import at, only
from wcs.commands import Divert
from wcs.events import CartonBound, CartonRouted, Event
from wcs.marks import Mark
from wcs.names import Barcode, DeviceId
from wcs.observations import Scanned
from wcs.trust import believed, why_not

T = TRACKING[A]
DOUBT = "no symbology identifier"


def mark(code: str, doubt: str = DOUBT) -> Mark:
    return Mark(code=Barcode(code), doubt=doubt)


def read(
    scanner: str,
    codes: tuple[str, ...],
    *marks: Mark,
    trigger: int | None = None,
    conflict: tuple[str, ...] = (),
) -> Scanned:
    return Scanned(
        scanner=DeviceId(scanner),
        codes=tuple(map(Barcode, codes)),
        marks=marks,
        trigger=trigger,
        conflict=tuple(map(Barcode, conflict)),
        at=at(0),
    )


def says(belt: Belt, seen: Scanned) -> list[Event]:
    return belt.says(replace(seen, at=belt.later()))


def labelled() -> Belt:
    belt = Belt()
    belt.packed()
    return belt


@pytest.mark.parametrize(
    ("seen", "lane", "why", "lpn"),
    [
        (read("tunnel1", (A, T), trigger=1), "1", "lane 1 takes cartons of swift", A),
        (read("tunnel1", (A, T), Mark(code=Barcode(T), guessed=True), trigger=1),
         "1", "lane 1 takes cartons of swift", A),  # as it stands: the guess is beside the key
        (read("tunnel1", (A, T), mark(A), trigger=1), "3", f"{A}: {DOUBT}", None),
        (read("tunnel1", (A, B, T), mark(B), trigger=1), "3", f"{B}: {DOUBT}", A),
        (read("tunnel1", (A, T), mark(T), trigger=1), "3", f"label not read, expected {T}", A),
        (read("tunnel1", (A, T, "9506"), mark("9506"), trigger=1),
         "1", "lane 1 takes cartons of swift", A),
        (read("tunnel1", (), conflict=(A, B), trigger=1), "3", f"several plates: {A}, {B}", None),
    ],
)  # fmt: skip
def test_no_divert_by_a_doubt(seen: Scanned, lane: str, why: str, lpn: str | None) -> None:
    belt = labelled()
    (routed,) = only(says(belt, seen), CartonRouted)
    (divert,) = (command for command in belt.commands if isinstance(command, Divert))
    assert (divert.lane, routed.why, routed.lpn) == (lane, why, lpn)


def test_a_doubted_plate_gets_no_label_at_the_pack_line() -> None:
    belt = Belt()
    belt.carried()
    says(belt, read("scan_pack1", (A,), mark(A)))
    belt.weighs()
    assert belt.carton().measured_g is None


def test_a_person_is_told_why_their_scan_is_not_taken() -> None:
    belt = labelled()
    says(belt, read("hand2", (A,), mark(A)))
    assert belt.answer == ("refused", f"{A}: {DOUBT}")
    belt.orders("9", ("MUG", 1))
    assert not only(says(belt, read("hand1", ("L00000077",), mark("L00000077"))), CartonBound)
    assert belt.answer[0] == "refused"


def test_what_is_believed() -> None:
    seen = read("tunnel1", (A, B, T), mark(B), Mark(code=Barcode(A), lot="7"))
    assert believed(seen).codes == (A, T)
    assert why_not(seen) == f"{B}: {DOUBT}"
    assert why_not(read("tunnel1", (A, "95"), mark("95"))) == ""
