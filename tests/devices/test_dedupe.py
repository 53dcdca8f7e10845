"""What is the same read once more: a bouncing trigger, or what stays in sight."""

from hypothesis import given
from hypothesis import strategies as st

from devices.map.schema import Scanner
from devices.scanner.dedupe import Presence, Pulls, dedupe_of

SHEET = {"connection": "c", "kind": "scanner", "framing": {"end": "\r"}, "dedupe": "250ms"}
CODES = st.sampled_from("ABC")
STEPS = st.lists(st.tuples(st.floats(0, 1), st.lists(CODES, max_size=2)), max_size=40)


def scanner(**more: str) -> Scanner:
    return Scanner.model_validate(SHEET | more)


def test_a_hand_counts_by_scanning() -> None:
    pulls = Pulls(0.25)
    assert [pulls.again("A", at_s) for at_s in (1.0, 1.4, 1.8, 2.2)] == [False] * 4


def test_a_trigger_that_is_held_is_one_pull() -> None:
    pulls = Pulls(0.25)
    assert [pulls.again("A", at_s / 10) for at_s in range(10)] == [False] + [True] * 9


def test_another_code_between_makes_it_another_pull() -> None:
    pulls = Pulls(0.25)
    assert [pulls.again(code, 1.0) for code in "ABA"] == [False] * 3


def test_what_stays_in_sight_counts_once_between_others_too() -> None:
    presence = Presence(0.8)
    reads = [("A", 0.0), ("B", 0.1), ("A", 0.2), ("B", 0.9), ("A", 0.95), ("A", 1.75)]
    assert [presence.again(*read) for read in reads] == [False, False, True, False, True, False]


def test_a_second_label_of_a_known_carton_is_news() -> None:
    presence = Presence(0.8)
    assert not presence.again(["A"], 0.0)
    assert not presence.again(["A", "B"], 0.1)
    assert presence.again(["B", "A"], 0.2)
    assert presence.again(["B"], 0.3)


def test_another_trigger_of_the_plc_is_another_carton() -> None:
    presence = Presence(0.8)
    assert not presence.again(["A"], 0.0, 17)
    assert not presence.again(["A"], 0.1, 18)
    assert presence.again(["A"], 0.2, 17)


def test_the_memory_is_bounded_and_forgets_the_longest_unseen() -> None:
    presence = Presence(1e9, most=3)
    for number in range(10_000):
        assert not presence.again([str(number)], float(number))
        assert presence.again(["keep"], float(number)) is (number > 0)
    assert len(presence._seen_s) == 3
    assert presence.again(["9999"], 1e4)
    assert not presence.again(["9990"], 1e4)


@given(STEPS)
def test_no_window_means_that_every_read_counts(steps: list[tuple[float, list[str]]]) -> None:
    at_s, dedupes = 0.0, (Pulls(0.0), Presence(0.0))
    for step_s, codes in steps:
        at_s += step_s
        assert not any(dedupe.again(codes, at_s) for dedupe in dedupes)


@given(STEPS)
def test_a_read_after_a_window_of_silence_always_counts(
    steps: list[tuple[float, list[str]]],
) -> None:
    at_s, dedupes = 0.0, (Pulls(0.5), Presence(0.5))
    for step_s, codes in steps:
        at_s += step_s
        new = [not dedupe.again(codes, at_s) for dedupe in dedupes]
        if step_s >= 0.5 or not codes:
            assert all(new)


def test_the_map_says_what_counts() -> None:
    assert isinstance(dedupe_of(scanner(), "pulls"), Pulls)
    assert isinstance(dedupe_of(scanner(), "presence"), Presence)
    assert isinstance(dedupe_of(scanner(counts="presence"), "pulls"), Presence)
    assert isinstance(dedupe_of(scanner(counts="pulls"), "presence"), Pulls)
