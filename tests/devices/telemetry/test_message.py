"""A poll as JSON: what a reader parses is what was polled, whatever the values are."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import telemetry
from devices.tags.value import Plain, Round, Value
from devices.telemetry import Forms, instant, state
from wcs.names import DeviceId

AT = datetime(2026, 11, 22, 10, 0, 0, 123_456, UTC)
PLC = DeviceId("plc")


def told(
    values: dict[str, tuple[Plain | None, tuple[int, ...]]], why: dict[str, str] | None = None
) -> Round:
    raw, shown = tuple(words for _, words in values.values()), [one for one, _ in values.values()]
    return Round(AT, "fast", tuple(values), shown, why or {}, lambda: raw)


def read(forms: Forms, seq: int, round: Round) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(forms.message(PLC, seq, round), parse_constant=_never)
    return body


def _never(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


def test_golden() -> None:
    polled = told({"beat": (7, (7,)), "run": (True, (1,)), "w": (1.5, (16320, 0))}, {"beat": "odd"})
    assert Forms().message(PLC, 42, polled) == (
        b'{"device":"plc","at":"2026-11-22T10:00:00.123Z","seq":42,"poll":"fast",'
        b'"values":{"beat":7,"run":true,"w":1.5},'
        b'"raw":{"beat":[7],"run":[1],"w":[16320,0]},"quality":{"beat":["bad","odd"]}}'
    )


def test_a_simulated_device_says_so() -> None:
    body = read(Forms(lambda device: device == PLC), 1, told({"a": (1, (1,))}))
    assert body["simulated"] is True


def test_an_instant_is_utc_whatever_it_was_said_in() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert instant(there) == instant(AT) == b"2026-11-22T10:00:00.123Z"


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
VALUES = st.one_of(st.none(), SCALARS, st.lists(SCALARS, max_size=4).map(tuple))
NAMES = st.text(min_size=1, max_size=12)
WORDS = st.lists(st.integers(0, 0xFFFF), max_size=4).map(tuple)
ROUNDS = st.dictionaries(NAMES, st.tuples(VALUES, WORDS), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(polls=st.lists(ROUNDS, min_size=1, max_size=4), why=st.text())
def test_what_is_read_is_what_was_polled(polls: list[dict[str, Any]], why: str) -> None:
    """One `Forms` for all: what it remembers of one poll does not reach the next."""
    forms = Forms()
    for seq, values in enumerate([*polls, *polls]):
        absent = {name: why for name, (value, _) in values.items() if value is None}
        body = read(forms, seq, told(values, absent))
        assert body["quality"] == {name: ["bad", why] for name in absent}
        assert body["values"] == {name: _plain(value) for name, (value, _) in values.items()}
        assert body["raw"] == {name: list(words) for name, (_, words) in values.items() if words}
        assert (body["device"], body["seq"], body["poll"]) == (PLC, seq, "fast")


def _plain(value: Plain | None) -> Any:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, (1.0, math.nan)])
def test_what_is_no_number_is_null_and_bad(odd: Plain) -> None:
    body = read(Forms(), 1, told({"info": (2.5, ()), "w": (odd, ())}))
    assert body["values"] == {"info": 2.5, "w": None}
    assert body["quality"] == {"w": ["bad", "not a number"]}
    known = json.loads(state(PLC, AT, {"w": Value(odd, AT)}), parse_constant=_never)
    assert (known["values"], known["quality"]) == ({"w": None}, {"w": ["bad", "not a number"]})


def test_a_state_tells_every_tag_with_its_own_time() -> None:
    before = AT - timedelta(seconds=9)
    known = {
        "good": Value(3, AT, raw=(3,)),
        "old": Value(("a", "b"), before, quality="stale", reason="not read lately", raw=(3, 4)),
    }
    assert json.loads(state(PLC, AT, known, simulated=True)) == {
        "device": "plc",
        "at": "2026-11-22T10:00:00.123Z",
        "simulated": True,
        "values": {"good": 3, "old": ["a", "b"]},
        "raw": {"good": [3], "old": [3, 4]},
        "quality": {"old": ["stale", "not read lately"]},
        "times": {"good": "2026-11-22T10:00:00.123Z", "old": "2026-11-22T09:59:51.123Z"},
    }


def test_the_forms_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "FORMS", 3)
    forms = Forms()
    for n in range(10):
        assert read(forms, n, told({f"t{n}": (n, ())}))["values"] == {f"t{n}": n}
        assert len(forms._forms) <= 3
