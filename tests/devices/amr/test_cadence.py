"""When the silence of a vehicle is odd."""

import pytest

from devices.amr.cadence import ANSWERS_WITHIN_S, LEAST_S, Cadence


def speaks_every(pause_s: float, times: int = 9) -> Cadence:
    cadence = Cadence()
    for number in range(times):
        cadence.heard(number * pause_s - (times - 1) * pause_s)  # last at 0
    return cadence


def test_one_that_speaks_every_second_is_asked_after_two_and_silent_after_four() -> None:
    cadence = speaks_every(1.0)
    assert not cadence.late(1.9)
    assert cadence.late(2.0)
    cadence.asked(2.0)
    assert (cadence.late(3.9), cadence.silent(3.9), cadence.silent(4.0)) == (False, False, True)


@pytest.mark.parametrize("pause_s", [0.1, 1.0, 5.0, 30.0])
def test_silence_is_known_within_five_seconds_of_the_word_that_was_due_or_half_as_late(
    pause_s: float,
) -> None:
    cadence = speaks_every(pause_s)
    asked_at = cadence.next_at
    assert asked_at is not None
    known_at = asked_at + ANSWERS_WITHIN_S
    assert known_at - pause_s <= max(LEAST_S + ANSWERS_WITHIN_S, pause_s / 2 + ANSWERS_WITHIN_S)


def test_an_answer_clears_it_and_slower_words_are_learnt() -> None:
    cadence = speaks_every(1.0)
    cadence.asked(2.0)
    cadence.heard(2.1)
    assert cadence.next_at == pytest.approx(2.1 + 1.5 * 2.1)


def test_nobody_is_asked_who_spoke_once() -> None:
    cadence = speaks_every(1.0, times=1)
    assert cadence.next_at is None
    assert not cadence.late(1e9)
