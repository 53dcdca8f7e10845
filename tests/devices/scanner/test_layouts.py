"""Our reading of four keyboards against the keycaps as they are printed, which somebody else wrote
down: the simulator types every character that it has, and we read it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.keyboard import BootReports, Events, Typist
from devices.scanner.layouts import DEAD
from simulators.scanner_keys import ALT_GR, PLAIN, SHIFTED, events, reports

LAYOUTS = ("us", "uk", "de", "fr")


def typeable(layout: str) -> str:
    rows = "".join((*PLAIN[layout], *SHIFTED[layout], *ALT_GR[layout], " \r\t\x1d"))
    return "".join(sorted(set(rows) - {"\0"} - set(DEAD.get(layout, ""))))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_key_that_is_printed(layout: str) -> None:
    text = typeable(layout)
    assert len(text) > 80
    if layout in ("de", "fr"):
        text = text.replace("\x1d", "")  # their ] needs AltGr: Ctrl and it is no key of theirs
    assert Events(Typist(layout)).feed(events(text, layout)) == text
    assert BootReports(Typist(layout)).feed(reports(text, layout)) == text


@given(st.data(), st.sampled_from(LAYOUTS), st.lists(st.integers(0, 5000), max_size=6))
def test_any_text_however_it_is_chopped(data: st.DataObject, layout: str, cuts: list[int]) -> None:
    letters = typeable(layout).replace("\x1d", "")
    text = data.draw(st.text(st.sampled_from(letters), max_size=40))
    for stream, records in (
        (events(text, layout), Events(Typist(layout))),
        (reports(text, layout), BootReports(Typist(layout))),
    ):
        edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
        pairs = pairwise(edges)
        assert "".join(records.feed(stream[start:end]) for start, end in pairs) == text
