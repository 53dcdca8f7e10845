"""One block of registers as columns: all values of a reply at once, each tag at its own address."""

import struct
from collections.abc import Iterator, Mapping
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from devices.map.schema import RegisterTag
from devices.tags.codec import Shape, Unreadable, Words, decoder, shape, struct_code
from devices.tags.plan import Block
from devices.tags.steady import Steady
from devices.tags.value import Plain

_BITS: Final = tuple(tuple(byte >> bit & 1 for bit in range(8)) for byte in range(256))
Values = list[Plain | None]


class Columns:
    """Compiled once per block; `values` is called for every reply whose bytes are new.

    Plain numbers in the order of their addresses are unpacked in one go; what is scaled, named or
    lies across other tags is looked at one by one.
    """

    def __init__(
        self, block: Block, tags: Mapping[str, RegisterTag], steadies: Mapping[str, Steady]
    ) -> None:
        self.names = block.tags
        self._registers = block.table in ("ir", "hr")
        self._first, self._count = block.first, block.count
        self._spans = {
            name: (tags[name].at.address - block.first, tags[name].words) for name in block.tags
        }
        self._slices = [(at, at + words) for at, words in self._spans.values()]
        self._one_each = self._slices == [(at, at + 1) for at in range(block.count)]
        self._unpack, plain = self._quick(tags)
        self._places = [self.names.index(name) for name in plain]
        self._shapes: list[tuple[int, Shape]] = []
        self._odd: list[tuple[int, Shape, int, int]] = []
        for place, name in enumerate(self.names):
            if name not in plain:
                at, words = self._spans[name]
                self._odd.append((place, decoder(tags[name]), at, at + words))
            elif (shaped := shape(tags[name])) is not None:
                self._shapes.append((place, shaped))
        self._steady = [
            (place, steadies[name]) for place, name in enumerate(self.names) if name in steadies
        ]

    @property
    def moves_by_itself(self) -> bool:
        """What is shown may change while the device keeps sending the same."""
        return bool(self._steady)

    def words(self, data: bytes) -> Words:
        if self._registers:
            return struct.unpack(f">{len(data) // 2}H", data)
        return tuple(chain.from_iterable(map(_BITS.__getitem__, data)))[: self._count]

    def raw(self, data: bytes, place: int) -> Words:
        """The words of one tag, as they came."""
        at, words = self._spans[self.names[place]]
        if self._registers:
            return self.words(data[2 * at : 2 * (at + words)])
        return self.words(data)[at : at + words]

    def raws(self, data: bytes) -> tuple[Words, ...]:
        """The words of every tag, in the order of `names`."""
        words = self.words(data)
        return tuple([words[start:end] for start, end in self._slices])

    def flat(self, data: bytes) -> Words:
        """The same in one row."""
        if self._one_each:
            return self.words(data)
        return tuple(chain.from_iterable(self.raws(data)))

    def values(self, data: bytes, now_s: float) -> tuple[Values, dict[str, str]]:
        """In the order of `names`, None for what cannot be read, and why it cannot."""
        found: Values = [None] * len(self.names)
        why: dict[str, str] = {}
        quick = self._unpack(data)
        if len(quick) == len(found):
            found = list(quick)
        else:
            for place, number in zip(self._places, quick, strict=True):
                found[place] = number
        if self._odd:
            words = self.words(data)
            for place, decode, start, end in self._odd:
                found[place] = self._read(place, decode, words[start:end], why)
        for place, shaped in self._shapes:
            found[place] = self._read(place, shaped, found[place], why)
        for place, shown in self._steady:
            value = found[place]
            if value is not None:
                found[place] = shown(value, now_s)
        return found, why

    def _read(self, place: int, decode: Shape, raw: Any, why: dict[str, str]) -> Plain | None:
        try:
            return decode(raw)
        except Unreadable as err:
            why[self.names[place]] = str(err)
            return None

    def _quick(self, tags: Mapping[str, RegisterTag]) -> tuple[Any, dict[str, None]]:
        """A function of the bytes to the raw numbers, and the tags they belong to."""
        if not self._registers:
            return self._quick_bits(tags)
        form, plain, end = ">", dict[str, None](), 0
        for name, code in self._in_line(tags):
            at, words = self._spans[name]
            form += f"{2 * (at - end)}x{code}"
            plain[name], end = None, at + words
        return struct.Struct(form + f"{2 * (self._count - end)}x").unpack, plain

    def _in_line(self, tags: Mapping[str, RegisterTag]) -> Iterator[tuple[str, str]]:
        """Tags that `struct` reads, none over another, in the order of their addresses."""
        end = 0
        for name in sorted(self.names, key=lambda name: self._spans[name]):
            code, (at, words) = struct_code(tags[name]), self._spans[name]
            if code is not None and at >= end:
                yield name, code
                end = at + words

    def _quick_bits(self, tags: Mapping[str, RegisterTag]) -> tuple[Any, dict[str, None]]:
        plain = {name: None for name in self.names if tags[name].words == 1}
        places = [self._spans[name][0] for name in plain]
        if not places:
            return lambda data: (), plain
        pick = itemgetter(*places)
        one = len(places) == 1

        def unpack(data: bytes) -> tuple[bool, ...]:
            bits = tuple(chain.from_iterable(map(_BOOLS.__getitem__, data)))
            return (pick(bits),) if one else pick(bits)

        return unpack, plain


_BOOLS: Final = tuple(tuple(map(bool, bits)) for bits in _BITS)
