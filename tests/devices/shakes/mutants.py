"""A property that no broken machine violates proves nothing: each is run against some."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

QUIET = settings(
    max_examples=50, stateful_step_count=20, deadline=None,
    suppress_health_check=list(HealthCheck), derandomize=True, database=None,
)  # fmt: skip
HUNT = settings(
    QUIET, max_examples=250, phases=(Phase.generate,), print_blob=False,
    report_multiple_bugs=False,
)  # fmt: skip


def holds(story: Callable[[], RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(story, settings=QUIET)  # type: ignore[arg-type]


def is_caught(story: Callable[[], RuleBasedStateMachine]) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(story, settings=HUNT)  # type: ignore[arg-type]
