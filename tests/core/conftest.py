from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.store import Store
from tests.core import toys

Open = Callable[[], Store]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wedge.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Open]:
    """Opens the same database again and again; closes what is still open."""
    stores: list[Store] = []

    def open_() -> Store:
        stores.append(Store.open(path, decide=toys.decide, mapping=toys.mapping, release="test"))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()
