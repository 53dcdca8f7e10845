"""Blocks: every readable tag once, no block beyond its limits, and as few as the gaps allow."""

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import RegisterTag
from devices.tags.plan import Limits, halves, plan

TYPES = st.sampled_from(["uint16", "uint32", "float64"])


def tag(at: str, type: str = "uint16", access: str = "r", poll: str = "fast") -> RegisterTag:
    return RegisterTag.model_validate({"at": at, "type": type, "access": access, "poll": poll})


def test_neighbours_and_small_gaps_are_one_request() -> None:
    tags = {"a": tag("ir:0"), "b": tag("ir:1", "uint32"), "c": tag("ir:11"), "d": tag("ir:21")}
    blocks = plan(tags, Limits(max_gap=8, max_registers=100))
    assert [(b.first, b.count, b.tags) for b in blocks] == [
        (0, 12, ("a", "b", "c")),
        (21, 1, ("d",)),
    ]


def test_tables_and_poll_classes_are_read_apart_and_write_only_tags_not_at_all() -> None:
    tags = {
        "a": tag("ir:0"),
        "b": tag("hr:0"),
        "c": tag("ir:1", poll="slow"),
        "d": tag("hr:1", access="w"),
    }
    blocks = plan(tags, Limits())
    assert sorted((b.table, b.every_s, b.tags) for b in blocks) == [
        ("hr", 0.05, ("b",)),
        ("ir", 0.05, ("a",)),
        ("ir", 2.0, ("c",)),
    ]


def test_no_block_is_longer_than_the_device_allows() -> None:
    tags = {f"t{at}": tag(f"hr:{at}") for at in range(300)}
    assert [(b.first, b.count) for b in plan(tags, Limits(8, 125))] == [
        (0, 125),
        (125, 125),
        (250, 50),
    ]


@given(
    st.dictionaries(st.integers(0, 400), TYPES, max_size=60),
    st.integers(0, 20),
    st.integers(4, 125),
)
def test_every_tag_is_in_one_block_that_holds_it_whole(
    at: dict[int, str], gap: int, most: int
) -> None:
    tags = {f"t{address}": tag(f"ir:{address}", type) for address, type in at.items()}
    blocks = plan(tags, Limits(gap, most))
    assert sorted(name for block in blocks for name in block.tags) == sorted(tags)
    for block in blocks:
        assert block.count <= most
        for name in block.tags:
            assert block.first <= tags[name].at.address
            assert tags[name].at.address + tags[name].words <= block.first + block.count


def test_a_refused_block_is_halved_until_one_tag_is_left() -> None:
    tags = {f"t{at}": tag(f"ir:{at}") for at in range(5)}
    (block,) = plan(tags, Limits())
    left, right = halves(block, tags)
    assert (left.tags, right.tags) == (("t0", "t1"), ("t2", "t3", "t4"))
    assert (right.first, right.count) == (2, 3)
    assert halves(halves(left, tags)[0], tags) == []


def test_twenty_thousand_tags_are_planned_in_no_time() -> None:
    tags = {f"t{at}": tag(f"hr:{at * 3}") for at in range(20_000)}
    start = process_time()
    plan(tags, Limits())
    assert process_time() - start < 2.0
