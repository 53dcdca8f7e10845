"""The driver that docs/drivers.md shows, as the page has it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "drivers.md"


def block() -> str:
    """Its first block of Python."""
    found = re.search(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    assert found is not None
    return found[1]


def loaded(folder: Path) -> ModuleType:
    """Imported from a file in `folder`."""
    path = folder / "beacon.py"
    path.write_text(block(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("beacon", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
