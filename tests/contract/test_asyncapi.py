"""`docs/asyncapi.yaml` itself: whole, its examples good, and nothing wrong fits it."""

from typing import Any

import pytest
from jsonschema import ValidationError

from tests.contract.mqtt import Contract, contract

CONTRACT = contract()


def test_every_channel_has_an_operation_a_message_and_a_word_on_retaining() -> None:
    used = [
        operation["channel"]["$ref"].rpartition("/")[2]
        for operation in CONTRACT.document["operations"].values()
    ]
    assert sorted(used) == sorted(CONTRACT.channels)
    for name, channel in CONTRACT.channels.items():
        assert CONTRACT.message(name)["summary"]
        assert channel["x-retained"] in ("never", "always", "either")


def test_every_schema_is_one_and_is_used() -> None:
    text = str(CONTRACT.document)
    for name, validator in CONTRACT._validators.items():
        validator.check_schema(validator.schema)
        assert name
    for schema in CONTRACT.document["components"]["schemas"]:
        assert f"#/components/schemas/{schema}'" in text, schema


@pytest.mark.parametrize("channel", CONTRACT.channels)
def test_examples_fit(channel: str) -> None:
    for example in CONTRACT.message(channel).get("examples", ()):
        CONTRACT._validators[channel].validate(example["payload"])


TAGS: dict[str, Any] = {
    "device": "plc",
    "at": "2026-11-21T10:00:00.123Z",
    "seq": 7,
    "poll": "fast",
    "values": {"a": 1},
    "raw": {"a": [1]},
    "quality": {},
}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("wedge/wh1/tags/plc", TAGS | {"at": "2026-11-21 10:00"}),
        ("wedge/wh1/tags/plc", TAGS | {"seq": "7"}),
        ("wedge/wh1/tags/plc", TAGS | {"values": {"a": {"b": 1}}}),
        ("wedge/wh1/tags/plc", TAGS | {"raw": {"a": [65536]}}),
        ("wedge/wh1/tags/plc", TAGS | {"quality": {"a": ["good", ""]}}),
        ("wedge/wh1/tags/plc", TAGS | {"more": 1}),
        ("wh1/ptl/A/A-03/set", {"task": "1", "on": True, "before": TAGS["at"]}),
        (
            "wh1/ptl/A/A-03/event",
            {"event": "pressed", "qty": 1, "task": None, "seq": 1, "boot": ""},
        ),
        ("uagv/v2/W/1/connection", {"connectionState": "ONLINE"}),
    ],
)
def test_what_is_wrong_does_not_fit(topic: str, payload: Any) -> None:
    with pytest.raises(ValidationError):
        CONTRACT.check(topic, payload)


def test_what_no_channel_names_and_what_must_not_be_retained_is_refused() -> None:
    with pytest.raises(AssertionError, match="no channel"):
        CONTRACT.check("wedge/wh1/other/plc", {})
    with pytest.raises(AssertionError, match="was retained"):
        CONTRACT.check("wedge/wh1/tags/plc", TAGS, retained=True)
    assert CONTRACT.check("wedge/wh1/tags/plc", TAGS) == "tagValues"


def test_a_topic_in_two_channels_would_be_noticed() -> None:
    twice = {"a": CONTRACT.channels["tagValues"], "b": CONTRACT.channels["tagValues"]}
    with pytest.raises(AssertionError, match="is in"):
        Contract(CONTRACT.document | {"channels": twice}).channel("wedge/wh1/tags/plc")
