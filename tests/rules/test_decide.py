"""Every observation has one rule of its own, and every timer a process that set it."""

from functools import partial
from typing import Any, get_args

import pytest

from sync.memory import MemoryTx
from tests.rules.site import Floor, at
from wcs import decide
from wcs.names import DeviceId
from wcs.observations import Due, Observation, Scanned


@pytest.mark.parametrize("kind", get_args(Observation), ids=lambda kind: kind.__name__)
def test_every_observation_has_its_rule(kind: type) -> None:
    seen: Any = object.__new__(kind)
    found = decide.rule(seen)

    assert isinstance(found, partial)
    assert found.args == (seen,)
    assert found.func.__name__.startswith("on_")


def test_a_timer_of_no_process_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="moon"):
        decide.rule(Due(key="moon:full", at=at()))(MemoryTx())


def test_a_scanner_of_no_place_is_refused() -> None:
    floor = Floor()
    floor.says(Scanned(scanner=DeviceId("door7"), codes=(), at=at()))

    assert floor.answer == ("refused", "door7 belongs to no place of this site")
