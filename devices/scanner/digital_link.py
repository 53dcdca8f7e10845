"""GS1 Digital Link: a web address whose path and query carry application identifiers.

GS1 Digital Link Standard: URI Syntax. A key and its qualifiers stand in the path, in order; the
rest in the query. The compressed form is not read.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote, unquote_plus

from devices.scanner.gs1 import Element
from devices.scanner.gs1_checks import DIGITS, SET_64
from devices.scanner.gs1_table import TABLE

_ALIASES: Final = {
    "cpid": "8010",
    "cpsn": "8011",
    "cpv": "22",
    "gcn": "255",
    "gdti": "253",
    "giai": "8004",
    "ginc": "401",
    "gln": "414",
    "glnx": "254",
    "gmn": "8013",
    "grai": "8003",
    "gsin": "402",
    "gsrn": "8018",
    "gsrnp": "8017",
    "gtin": "01",
    "itip": "8006",
    "lot": "10",
    "party": "417",
    "refno": "8020",
    "ser": "21",
    "srin": "8019",
    "sscc": "00",
}
"""Names of the first edition of the standard; the present one has only numbers."""
_URI: Final = re.compile(
    r"(?:https?|HTTPS?)://(?P<host>[A-Za-z0-9.:\[\]-]+)/(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
_LEGAL: Final = SET_64 + ".~:/?#[]@!$&'()*+,;=%"
_COMPRESSED: Final = 12
"""A GTIN takes so many characters at least when it is compressed."""
_SHORT_GTINS: Final = (8, 12, 13)


class Link(NamedTuple):
    elements: list[Element]
    """Path first, then query; none when this is no Digital Link."""
    problems: list[str]
    """Of the link as a whole; its elements may be good all the same."""


def is_uri(text: str) -> bool:
    return text.startswith(("http://", "https://", "HTTP://", "HTTPS://"))


def parse(uri: str) -> Link:
    """Never raises; an address without a GS1 key gives no elements and says so."""
    found = _URI.fullmatch(uri)
    if found is None or uri.strip(_LEGAL):
        return Link([], ["no web address that could be a Digital Link"])
    segments = found["path"].removesuffix("/").split("/")
    path = _path(segments)
    if not path:
        return Link([], [_without_key(segments)])
    ais = [ai for ai, _ in path]
    query = list(_query(found["query"] or ""))
    read = [_read(ai, unquote(value)) for ai, value in path]
    read += [_read(ai, unquote_plus(value)) for ai, value in query]
    problems = [remark for _, remark in read if remark]
    problems += _of_path(ais, segments, slash=found["path"].endswith("/"))
    problems += _of_query([ai for ai, _ in query], ais)
    return Link([element for element, _ in read], problems)


def _path(segments: Sequence[str]) -> list[tuple[str, str]]:
    """Identifiers and values from the rightmost key on, still percent-encoded."""
    for start in range(len(segments) - 2, -1, -2):
        ai = _ALIASES.get(segments[start], segments[start])
        if not ai or ai.strip(DIGITS):
            break
        if (known := TABLE.get(ai)) and known.key is not None:
            names, values = segments[start::2], segments[start + 1 :: 2]
            return [(_ALIASES.get(n, n), v) for n, v in zip(names, values, strict=True)]
    return []


def _query(query: str) -> Iterator[tuple[str, str]]:
    """Parameters that are numbers; the others are not of GS1."""
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        if equals and name and not name.strip(DIGITS):
            yield name, value


def _read(ai: str, value: str) -> tuple[Element, str]:
    """The element, and what the link should have said instead."""
    known = TABLE.get(ai)
    if known is None:
        return Element(ai, value, f"{ai} is no application identifier"), ""
    if ai == "01" and len(value) in _SHORT_GTINS:
        whole = value.zfill(14)
        return Element(
            ai, whole, known.check(whole)
        ), f"(01) {value} has {len(value)} digits, not 14"
    return Element(ai, value, known.check(value)), ""


def _of_path(ais: Sequence[str], segments: Sequence[str], *, slash: bool) -> Iterator[str]:
    for old in segments[len(segments) - 2 * len(ais) :: 2]:
        if old in _ALIASES:
            yield f"{old} is an old name of ({_ALIASES[old]})"
    if not any(_runs_through(ais[1:], path) for path in TABLE[ais[0]].key or ()):
        yield f"({') ('.join(ais)}) is no order of a path"
    if slash:
        yield "the path ends in a slash"


def _of_query(ais: Sequence[str], path: Sequence[str]) -> Iterator[str]:
    seen = set(path)
    for ai in ais:
        if ai in seen:
            yield f"({ai}) stands twice"
        elif ai in TABLE and not TABLE[ai].in_query:
            yield f"({ai}) may not stand in the query"
        elif _belongs_in(path, ai):
            yield f"({ai}) belongs in the path"
        seen.add(ai)


def _belongs_in(path: Sequence[str], ai: str) -> bool:
    orders = TABLE[path[0]].key or ()
    return any(ai in order and _runs_through(path[1:], order) for order in orders)


def _runs_through(some: Sequence[str], order: Sequence[str]) -> bool:
    """Some of them, in this order."""
    rest = iter(order)
    return all(one in rest for one in some)


def _without_key(segments: Sequence[str]) -> str:
    last = segments[-1]
    if len(last) >= _COMPRESSED and not last.strip(SET_64):
        return "no GS1 key in the path; a compressed Digital Link is not read: print it in full"
    return "no GS1 key in the path"
