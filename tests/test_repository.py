"""The repository itself: what lies at its top, what its locks pin, what its files must not name."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP = {
    *("gateway", "devices", "wcs", "routing", "sync", "simulators", "tests", "config", "docs"),
    *("README.md", "Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"),
    *(".ci", ".editorconfig", ".gitignore", ".gitattributes"),
}
LOCKS = ("requirements.lock", "requirements-dev.lock")
IMPORTED_AS = {"argon2-cffi": "argon2", "paho-mqtt": "paho", "pyserial": "serial"}
LINES = 400
# Tables of messages: one idea, one row after another.
LONGER = {"wcs/events.py", "wcs/observations.py"}
# In pieces, so that this file does not name them itself.
NEVER_NAMED = (
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "index" + "-url",
    "/work" + "/main",
    "/work" + "/shared",
)


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_the_top_level_holds_only_what_belongs_there(tracked: list[Path]) -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked} <= TOP


def test_no_file_names_an_index_or_a_path_of_one_machine(tracked: list[Path]) -> None:
    found = [
        f"{path.relative_to(ROOT)} names {name}"
        for path in tracked
        for name in NEVER_NAMED
        if name in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert not found


def test_files_stay_short_enough_to_read(tracked: list[Path]) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked
        if path.suffix == ".py"
    }
    assert {name for name, lines in lengths.items() if lines > LINES} <= LONGER


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_carries_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = text.replace("\\\n", " ").splitlines()
    exact = re.compile(r"[a-z0-9._-]+==\S+( ; [^#@]+?)?( +--hash=sha256:[0-9a-f]{64})+")
    assert pins
    assert [pin for pin in pins if not exact.fullmatch(pin)] == []
    assert "//" not in text


def test_the_second_lock_only_adds_to_the_first() -> None:
    runtime, dev = (
        set(re.findall(r"^[a-z0-9._-]+(?===)", (ROOT / lock).read_text(encoding="utf-8"), re.M))
        for lock in LOCKS
    )
    assert not runtime & dev
    assert "django" not in runtime | dev


def test_every_decision_stands_in_the_index_under_its_own_title() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(folder.glob("[0-9]*.md"))
    titles = [record.read_text(encoding="utf-8").splitlines()[0] for record in records]
    told = [
        (record.name, title)
        for record, title in zip(records, titles, strict=True)
        if title[2:6] != record.name[:4]
        or f"- [{record.name[:4]}]({record.name}) {title[7:]}\n" not in index
    ]
    assert records and told == []


def test_every_library_that_is_asked_for_is_used(tracked: list[Path]) -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    code = "".join(p.read_text() for p in tracked if p.suffix == ".py" and "tests" not in p.parts)
    names = {re.split(r"[<>=]", one)[0] for one in asked}
    modules = {name: IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}
    unused = {name for name, module in modules.items() if not re.search(rf"\b{module}\b", code)}
    assert unused == set()
