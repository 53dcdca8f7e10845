"""What may be written where, and as which requests. Pure; a refusal says why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from devices.map.schema import RegisterTag
from devices.map.units import Span, Table
from devices.tags import pdu
from devices.tags.codec import Unwritable, Words, encode
from devices.tags.port import NotAllowed
from devices.tags.value import Plain

Step = Mapping[str, Plain]
BROADCAST: Final = 0
MOST: Final = {"hr": pdu.MOST_WRITTEN, "co": 1968}


class Writes:
    """The rules of one device: its tags, the unit it is, and the allow-list of its connection."""

    def __init__(
        self, tags: Mapping[str, RegisterTag], unit: int, writable: Sequence[Span] | None
    ) -> None:
        self._tags, self._unit, self._writable = tags, unit, writable

    def requests(self, steps: Sequence[Step]) -> list[pdu.Request]:
        """In order; neighbouring tags of a step are one request.

        Raises Unwritable or NotAllowed, naming the tag: then nothing of all this is to be sent.
        """
        return [request for step in steps for request in self._step(step)]

    def _step(self, step: Step) -> Iterator[pdu.Request]:
        table: Table | None = None
        first, words = 0, Words()
        for name, value in step.items():
            at = self._allowed(name).at
            if at.bit is not None:
                yield self._bit(name, value)
                continue
            encoded = self._encoded(name, value)
            joined = len(words) + len(encoded)
            if table != at.table or at.address != first + len(words) or joined > MOST[at.table]:
                if table is not None and words:
                    yield pdu.write(table, first, words)
                table, first, words = at.table, at.address, ()
            words = (*words, *encoded)
        if table is not None and words:
            yield pdu.write(table, first, words)

    def _allowed(self, name: str) -> RegisterTag:
        tag = self._tags.get(name)
        if tag is None:
            raise NotAllowed(f"{name}: there is no such tag")
        if tag.at.table not in MOST:
            raise NotAllowed(f"{name}: {tag.at} can only be read")
        if tag.access == "r":
            raise NotAllowed(f"{name}: its access is r")
        if self._unit == BROADCAST:
            raise NotAllowed(f"{name}: unit 0 is everybody on the line, and never written to")
        span = Span(tag.at.table, tag.at.address, tag.at.address + tag.words - 1)
        if self._writable is not None and not any(_holds(one, span) for one in self._writable):
            listed = ", ".join(map(str, self._writable)) or "nothing"
            raise NotAllowed(f"{name}: {span} is not in the list of what may be written ({listed})")
        return tag

    def _encoded(self, name: str, value: Plain) -> Words:
        try:
            return encode(self._tags[name], value)
        except Unwritable as err:
            raise Unwritable(f"{name}: {err}") from None

    def _bit(self, name: str, value: Plain) -> pdu.Request:
        at = self._tags[name].at
        if not isinstance(value, bool):
            raise Unwritable(f"{name}: {value!r} is not true or false")
        assert at.bit is not None
        return pdu.write_bit(at.address, at.bit, value)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.table == inner.table and outer.first <= inner.first and inner.last <= outer.last
