"""Whatever is written where a question should be is taken, or refused in words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.answers import batches, path, time_is_up
from gateway.routing.questions import BadQuestion, BatchQuestion, PathQuestion, asked
from routing.layout import layout_from

LAYOUT = layout_from(
    {
        "nodes": [{"id": n, "x": n, "y": 0, "kind": "bay" if n else "depot"} for n in range(4)],
        "edges": [{"u": 0, "v": 1}, {"u": 1, "v": 2}, {"u": 2, "v": 3, "oneway": True}],
    },
    "row",
)
IDS = st.sampled_from(["0", "1", "2", "3", 1, 2, "nowhere", "", None, 1.5, True])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | IDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
KEYS = [*PathQuestion.model_fields, *BatchQuestion.model_fields, "misspelt"]


@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING | st.lists(IDS, max_size=3)) | ANYTHING)
def test_any_json_is_answered_with_one_object(thing: Any) -> None:
    for answerer in (path, batches):
        answer = answerer(LAYOUT, json.dumps(thing)).answer
        json.dumps(answer, allow_nan=False)
        if "error" in answer:
            assert set(answer) == {"error", "nodes", "reason"} and answer["reason"]
            assert answer["error"] in (
                *("unreachable", "unknown_node", "precedence_cycle", "bad_request"),
            )


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_answered(text: bytes) -> None:
    assert path(LAYOUT, text).answer["error"] == "bad_request"


NESTED = "[" * 5000 + "]" * 5000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NESTED, "not JSON: recursion limit exceeded"),
        ('{"start": 0, "end": 0, "picks": [], "groups": [[]]}', "groups[0] has 0 members"),
        ('{"start": 0, "end": 0, "picks": [], "pace": {"walk": 1}}', "pace.walk: "),
        ('{"start": 0, "end": 0, "picks": [], "precedence": [[0, 1, 2]]}', "has 3 members"),
        ('{"a": 1, "b": 1, "c": 1, "d": 1, "start": 0}', "; and 1 more"),
    ],
)
def test_a_refusal_names_its_place(text: str, words: str) -> None:
    with pytest.raises(BadQuestion) as refused:
        asked(PathQuestion, text)
    assert words in str(refused.value)


def test_a_byte_order_mark_is_no_mistake() -> None:
    text = b'\xef\xbb\xbf{"start": 0, "end": 2, "picks": [1]}'
    assert path(LAYOUT, text).answer["length_m"] == 2.0


def test_a_deadline_counts_from_when_the_question_was_read() -> None:
    assert time_is_up(None, 0.0) is None
    over, ahead = time_is_up(5, -1e9), time_is_up(3.6e6, 1e9)
    assert over is not None and over() and ahead is not None and not ahead()
