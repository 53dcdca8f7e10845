"""A whole reply at once gives each tag what its own words give, wherever it lies."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import RegisterTag
from devices.tags.codec import Unreadable, decoder
from devices.tags.columns import Columns
from devices.tags.plan import Limits, blocks
from tests.devices.tags.played import tag

KINDS = st.sampled_from(
    [
        {"type": "uint16"}, {"type": "int16", "scale": 0.1}, {"type": "uint32"},
        {"type": "int32", "word_order": "little"}, {"type": "float32"}, {"type": "float64"},
        {"type": "uint64", "byte_order": "little"}, {"type": "bcd16"}, {"type": "bits"},
        {"type": "enum", "enum": {0: "none", 1: "one"}}, {"type": "uint16", "count": 3},
        {"type": "string", "length": 5}, {"type": "int16", "nan": -1},
    ]
)  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 30), KINDS), min_size=1, max_size=20),
    st.lists(st.integers(0, 65535), min_size=40, max_size=40),
    st.lists(st.integers(0, 15), max_size=3),
)
def test_columns_are_what_each_tag_reads_alone(
    told: list[tuple[int, dict[str, object]]], cells: list[int], bits: list[int]
) -> None:
    tags: dict[str, RegisterTag] = {
        f"t{number}": tag(f"hr:{at}", **one)  # type: ignore[arg-type]
        for number, (at, one) in enumerate(told)
    }
    tags |= {f"b{bit}": tag(f"hr:3.{bit}", "bool") for bit in bits}
    for block in blocks(tags, tags, Limits()):
        columns = Columns(block, tags, {})
        words = cells[block.first : block.first + block.count]
        values, why = columns.values(struct.pack(f">{len(words)}H", *words), 0.0)
        for name, value in zip(block.tags, values, strict=True):
            own = tags[name]
            alone = tuple(cells[own.at.address : own.at.address + own.words])
            try:
                assert (value, why.get(name)) == (decoder(own)(alone), None)
            except Unreadable as err:
                assert (value, why.get(name)) == (None, str(err))


@given(st.lists(st.booleans(), min_size=30, max_size=30), st.sets(st.integers(0, 29), min_size=1))
def test_bits_too(cells: list[bool], at: set[int]) -> None:
    tags = {f"t{one}": tag(f"di:{one}", "bool") for one in at}
    for block in blocks(tags, tags, Limits(max_gap=40)):
        window = cells[block.first : block.first + block.count]
        size = (len(window) + 7) // 8
        packed = sum(bit << place for place, bit in enumerate(window)).to_bytes(size, "little")
        values, _ = Columns(block, tags, {}).values(packed, 0.0)
        assert dict(zip(block.tags, values, strict=True)) == {
            name: cells[tags[name].at.address] for name in block.tags
        }
