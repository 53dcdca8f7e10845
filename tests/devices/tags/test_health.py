"""How long a unit is waited for, and when it is left alone."""

from devices.tags.health import Health


def test_a_unit_that_answers_fast_is_not_waited_for_as_long_as_the_map_allows() -> None:
    health = Health(3.0, misses=2)
    assert health.usual_s == 0.5  # never heard
    for _ in range(20):
        health.answered(0.002)
    assert 0.1 < health.usual_s < 0.11
    for _ in range(20):
        health.answered(0.4)
    assert 0.4 < health.usual_s < 2.0


def test_a_slow_unit_that_is_always_as_slow_is_given_a_margin() -> None:
    """Else the first hiccup of a PLC that always takes 250 ms would be taken for silence."""
    health = Health(1.0, misses=3)
    for _ in range(200):
        health.answered(0.25)
    assert health.usual_s >= 0.35


def test_each_miss_doubles_what_the_next_answer_is_given() -> None:
    health = Health(1.0, misses=9)
    health.answered(0.002)
    windows = []
    for _ in range(4):
        windows.append(round(health.usual_s, 1))
        health.missed(0.0)
    assert windows == [0.1, 0.2, 0.4, 0.4]


def test_nothing_waits_longer_than_the_map_says() -> None:
    health = Health(0.15, misses=2)
    assert health.usual_s == 0.15
    for _ in range(9):
        health.answered(0.14)
    assert health.usual_s == health.probe_s(9.0, late_replies=True) == 0.15


def test_misses_in_a_row_make_it_silent_and_one_answer_heals() -> None:
    health = Health(0.5, misses=2)
    assert (health.doubtful, health.silent) == (False, False)
    health.missed(0.0)
    assert (health.doubtful, health.silent) == (True, False)
    health.missed(0.0)
    assert health.silent
    health.answered(0.001)
    assert (health.doubtful, health.silent, health.misses) == (False, False, 0)


def test_a_silent_unit_is_asked_after_one_two_three_and_three_seconds_and_briefly() -> None:
    health = Health(3.0, misses=1)
    waits = []
    for _ in range(5):
        health.missed(10.0)
        waits.append(health.probe_at - 10.0)
        assert health.probe_s(0.002, late_replies=True) == 0.02
        assert health.probe_s(0.5, late_replies=True) == 0.1
    for wait, most in zip(waits, (1, 2, 3, 3, 3), strict=True):
        assert 0.8 * most <= wait <= most


def test_a_late_answer_says_how_slow_it_is() -> None:
    health = Health(1.0, misses=1)
    health.missed(0.0)
    health.late(0.3)
    assert health.probe_at == 0.0
    assert health.probe_s(0.002, late_replies=True) >= 0.3


def test_where_late_answers_are_not_known_every_so_many_probes_wait_longer() -> None:
    health = Health(1.0, misses=1)
    windows = []
    for _ in range(34):
        health.missed(0.0)
        windows.append(health.probe_s(0.002, late_replies=False))
    assert [at for at, window in enumerate(windows) if window == 0.5] == [0, 16, 32]
