"""The contract of `docs/asyncapi.yaml`, asked about what a broker carried."""

import re
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from ruamel.yaml import YAML

FILE = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"


class Contract:
    """A message belongs to the one channel whose address fits its topic."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.channels: dict[str, dict[str, Any]] = document["channels"]
        self._addresses = {
            name: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(channel["address"])))
            for name, channel in self.channels.items()
        }
        self._validators = {name: self._validator(name) for name in self.channels}

    def channel(self, topic: str) -> str:
        found = [name for name, form in self._addresses.items() if form.fullmatch(topic)]
        assert len(found) == 1, f"{topic} is in {found or 'no channel'} of the contract"
        return found[0]

    def check(self, topic: str, payload: Any, *, retained: bool = False) -> str:
        """Its channel. Raises AssertionError, jsonschema.ValidationError."""
        name = self.channel(topic)
        self._validators[name].validate(payload)
        if retained:
            assert self.channels[name]["x-retained"] != "never", f"{topic} was retained"
        return name

    def resolved(self, reference: dict[str, Any]) -> Any:
        found: Any = self.document
        for part in reference["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found

    def message(self, channel: str) -> dict[str, Any]:
        (one,) = self.channels[channel]["messages"].values()
        return dict(self.resolved(one))

    def _validator(self, channel: str) -> Draft7Validator:
        payload = self.message(channel)["payload"]
        if payload is True:
            return Draft7Validator(True)
        return Draft7Validator(
            {**payload, "components": self.document["components"]},
            format_checker=Draft7Validator.FORMAT_CHECKER,
        )


def contract() -> Contract:
    return Contract(YAML(typ="safe").load(FILE))
