"""Digital Link addresses: keys and qualifiers of the path, the rest of the query, faults named."""

from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanner.digital_link import is_uri, parse
from devices.scanner.gs1 import Element
from devices.scanner.gs1_table import TABLE
from tests.devices.gs1_examples import values

GTIN = ("01", "09520123456788")


def pairs(uri: str) -> list[tuple[str, str]]:
    link = parse(uri)
    assert link.problems == []
    assert not any(element.problem for element in link.elements), link
    return [(ai, value) for ai, value, _ in link.elements]


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("https://id.gs1.org/01/09520123456788", [GTIN]),
        ("HTTP://a/01/09520123456788", [GTIN]),
        ("https://192.0.2.1:8080/01/09520123456788", [GTIN]),
        ("https://[2001:db8::1]/01/09520123456788", [GTIN]),
        ("https://example.com/some/where/01/09520123456788", [GTIN]),
        ("https://a/00/faux/01/09520123456788", [GTIN]),  # the rightmost key
        ("https://id.gs1.org/01/09520123456788?", [GTIN]),
        ("https://id.gs1.org/01/09520123456788#part/10/X", [GTIN]),
        ("https://id.gs1.org/01/09520123456788?lang=de&17&linkType=all", [GTIN]),
        ("https://id.gs1.org/01/09520123456788/22/2A", [GTIN, ("22", "2A")]),
        (
            "https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426",
            [GTIN, ("10", "ABC1"), ("21", "12345"), ("17", "180426")],
        ),
        (
            "https://id.gs1.org/01/09520123456788?&&3103=000195&&3922=0299&17=201225&",
            [GTIN, ("3103", "000195"), ("3922", "0299"), ("17", "201225")],
        ),
        (
            "https://id.gs1.org/00/952012345678912345?02=09520123456788&37=25&10=ABC123",
            [("00", "952012345678912345"), ("02", GTIN[1]), ("37", "25"), ("10", "ABC123")],
        ),
        (
            "https://id.gs1.org/414/9520123456788/254/32a%2Fb",
            [("414", "9520123456788"), ("254", "32a/b")],
        ),
        # a plus is a plus in the path, and a blank in the query
        ("https://a/01/09520123456788/22/A+B%2dC", [GTIN, ("22", "A+B-C")]),
        ("https://a/01/09520123456788/235/XYZ?10=A%2BB", [GTIN, ("235", "XYZ"), ("10", "A+B")]),
    ],
)
def test_a_link_and_what_it_says(uri: str, told: list[tuple[str, str]]) -> None:
    assert pairs(uri) == told


@pytest.mark.parametrize(
    ("uri", "problems"),
    [
        ("https://a/gtin/09520123456788/21/7", ["gtin is an old name of (01)"]),
        ("https://a/01/09520123456788/ser/7", ["ser is an old name of (21)"]),
        ("https://a/01/9520123456788", ["(01) 9520123456788 has 13 digits, not 14"]),
        ("https://a/01/09520123456788/", ["the path ends in a slash"]),
        ("https://a/01/09520123456788/21/7/10/L", ["(01) (21) (10) is no order of a path"]),
        ("https://a/01/09520123456788/22/2A/235/X", ["(01) (22) (235) is no order of a path"]),
        ("https://a/01/09520123456788?10=L", ["(10) belongs in the path"]),
        ("https://a/8004/9521ABC?21=7", ["(21) may not stand in the query"]),
        ("https://a/01/09520123456788?99=A&99=A", ["(99) stands twice"]),
        ("https://a/01/09520123456788?01=09520123456788", ["(01) stands twice"]),
    ],
)
def test_what_a_link_should_have_said_hides_nothing(uri: str, problems: list[str]) -> None:
    link = parse(uri)
    assert link.problems == problems
    assert link.elements and not any(element.problem for element in link.elements)


def test_a_wrong_part_does_not_hide_the_right_ones() -> None:
    link = parse("https://a/01/09520123456789/89/X/10/L7?17=251301&99=&98=%00&999=1&15=251231")
    assert link.elements == [
        ("01", "09520123456789", "check digit is 9, should be 8"),
        ("89", "X", "89 is no application identifier"),
        ("10", "L7", ""),
        ("17", "251301", "there is no month 13"),
        ("99", "", "has no value"),
        ("98", "\0", "'\\x00' is not one of the 82 characters of GS1"),
        ("999", "1", "999 is no application identifier"),
        ("15", "251231", ""),
    ]


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "ftp://a/01/09520123456788",
        "HtTps://a/01/09520123456788",
        "https://",
        "https://01/09520123456788",
        "https:///01/09520123456788",
        "https://a$/01/09520123456788",
        "https://[fe80::1%25lo]/01/09520123456788",
        "https://a/01/0952012 456788",
        "https://a/",
        "https://a/b/c/d",
        "https://a/10/LOT",
        "https://a/01",
    ],
)
def test_what_is_no_digital_link(uri: str) -> None:
    elements, problems = parse(uri)
    assert elements == []
    assert len(problems) == 1


def test_the_compressed_form_is_refused_in_words() -> None:
    elements, problems = parse("https://id.gs1.org/AQnYUc1gmiMZjwkA")
    assert elements == []
    assert problems == [
        "no GS1 key in the path; a compressed Digital Link is not read: print it in full"
    ]


KEYS = sorted(code for code, ai in TABLE.items() if ai.key is not None)


@given(data=st.data())
def test_what_is_written_is_read(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(KEYS))
    order = data.draw(st.sampled_from(TABLE[key].key or ((),)))
    some = [ai for ai in order if data.draw(st.booleans())]
    beside = {key, *some, *(ai for path in TABLE[key].key or () for ai in path)}
    may = sorted(code for code, ai in TABLE.items() if ai.in_query and code not in beside)
    rest = data.draw(st.lists(st.sampled_from(may), max_size=4, unique=True))
    wanted = [(ai, data.draw(values(TABLE[ai]))) for ai in (key, *some, *rest)]
    path = "".join(f"/{ai}/{quote(value, safe='')}" for ai, value in wanted[: 1 + len(some)])
    query = "&".join(f"{ai}={quote_plus(value)}" for ai, value in wanted[1 + len(some) :])
    assert pairs(f"https://example.com/stem{path}?{query}") == wanted


@given(st.one_of(st.text(max_size=60), st.from_regex(r"https?://[a-z.]*/[0-9/a-z%?=&#+-]*")))
def test_no_address_breaks_the_reader(uri: str) -> None:
    elements, problems = parse(uri)
    assert elements or problems
    assert all(isinstance(element, Element) for element in elements)
    assert is_uri(uri) or not elements
