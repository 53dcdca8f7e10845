"""What tests may need from outside the clone, and the last line that says what was not there."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

WITHOUT = "without "
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of official files (standards, vectors, datasheets) named by WEDGE_REFERENCE."""
    named = os.environ.get("WEDGE_REFERENCE")
    if not named:
        pytest.skip(f"{WITHOUT}WEDGE_REFERENCE")
    if not Path(named).is_dir():
        pytest.fail(f"WEDGE_REFERENCE={named} is not a folder", pytrace=False)
    return Path(named).resolve()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser for page tests; root must start it with `--no-sandbox`."""
    return program("Chromium", *BROWSERS)


@pytest.fixture(scope="session")
def mosquitto() -> Path:
    """The MQTT broker that tests of acknowledgement, sessions and restarts run on."""
    return program("Mosquitto", "mosquitto")


@pytest.fixture(scope="session")
def merge_port() -> Iterator[int]:
    """A merge's OPC UA server: it takes seconds to start."""
    from tests.faults.merge_server import merge_server

    with merge_server() as port:
        yield port


def program(title: str, *names: str) -> Path:
    for name in names:
        if path := found(name):
            return path
    pytest.skip(f"{WITHOUT}{title}")


def found(name: str) -> Path | None:
    """Also where Debian puts brokers."""
    path = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin"
    return Path(at) if (at := shutil.which(name, path=path)) else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Says what was missing, after pytest's own last line; the reference comes last."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    missing: dict[str, list[str]] = defaultdict(list)
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _, needed, what = reason.partition(f"Skipped: {WITHOUT}")
        if needed:
            missing[what].append(report.nodeid.removeprefix("tests/"))
    for what in sorted(missing, key=lambda name: (name == "WEDGE_REFERENCE", name)):
        names = missing[what]
        tests = "1 test" if len(names) == 1 else f"{len(names)} tests"
        reporter.write_line(f"{WITHOUT}{what}: {tests} skipped: {', '.join(names)}")
