import itertools

import pytest


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off has its own test; here a line that drops is tried again at once."""
    monkeypatch.setattr("devices.supervise.waits", lambda: itertools.repeat(0.02))
