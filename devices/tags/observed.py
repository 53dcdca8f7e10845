"""The tags of a device that is only watched: everything is read, nothing is written."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from devices.tags.port import OpenTags, ReadOnly
from devices.tags.value import Plain, Refusal, Scalar, Value

ONLY_OBSERVED: Final = "only observed: nothing is written to it"


class Observed:
    """`devices.tags.port.Tags` of an open line; `write` and `call` raise ReadOnly, and `refused` is
    told."""

    def __init__(self, tags: OpenTags, refused: Callable[[Refusal], None]) -> None:
        self._tags, self._refused = tags, refused

    def value(self, name: str) -> Value:
        return self._tags.value(name)

    def view(self) -> dict[str, Value]:
        return self._tags.view()

    def changes(self) -> AsyncIterator[dict[str, Value]]:
        return self._tags.changes()

    async def read(self, *names: str) -> dict[str, Value]:
        return await self._tags.read(*names)

    async def together(self, *names: str) -> dict[str, Value]:
        return await self._tags.together(*names)

    async def run(self) -> None:
        await self._tags.run()

    async def write(self, *steps: Mapping[str, Plain], before: datetime | None = None) -> None:
        values = {name: value for step in steps for name, value in step.items()}
        self._refused(Refusal(values, ONLY_OBSERVED))
        raise ReadOnly(ONLY_OBSERVED)

    async def call(
        self, name: str, given: Mapping[str, Plain], before: datetime | None = None
    ) -> dict[str, Plain]:
        self._refused(Refusal({name: tuple(_scalars(given))}, ONLY_OBSERVED))
        raise ReadOnly(ONLY_OBSERVED)

    async def acknowledge(self, tag: str, comment: str) -> None:
        self._refused(Refusal({f"{tag}.alarm": "acknowledged"}, ONLY_OBSERVED))
        raise ReadOnly(ONLY_OBSERVED)


def _scalars(given: Mapping[str, Plain]) -> Iterator[Scalar]:
    for value in given.values():
        yield from value if isinstance(value, tuple) else (value,)
