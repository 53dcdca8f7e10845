"""What the lines of `tests.faults.lines` need, made only for those that do."""

from pathlib import Path

import pytest

from tests.conftest import program
from tests.faults.lines import ON_BROKERS, Needs


@pytest.fixture
def needs(request: pytest.FixtureRequest, tmp_path: Path) -> Needs:
    """Of the line that the test's parameter `name` names."""
    name = request.node.callspec.params["name"]
    mosquitto = program("Mosquitto", "mosquitto") if name in ON_BROKERS else None
    merge = request.getfixturevalue("merge_port") if name == "merge" else None
    return Needs(tmp_path, mosquitto, merge)
