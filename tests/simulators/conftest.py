"""One nursery for all tests of simulators: what they share is loaded once."""

from collections.abc import Iterator

import pytest

from simulators.spawn import Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery") / "nursery.log") as one:
        yield one
