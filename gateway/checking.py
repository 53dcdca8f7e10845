"""`wedge check`: every file of a site looked at, everything that is wrong said in one run."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from devices.map.check import check as rules
from devices.map.finding import Finding
from devices.map.load import MapErrors, read_map
from devices.map.text import UNREADABLE, MapError

SITE: Final = "site.yaml"
PLACE: Final = re.compile(r"(.*?\.\w+(?::\d+)*): ")


def check(config: Path, overlay: Path | None) -> list[Finding]:
    """Of a site's folder, or of a device map alone. Opens nothing. Raises OSError."""
    from gateway.settings import SettingsError

    is_site = config.is_dir() and (config / SITE).exists()
    draft = read_map(config, {} if overlay is None or not is_site else _laid_over(overlay))
    found = [_unreadable(error) for error in draft.errors]
    found += rules(draft.map) if draft.map is not None else []
    if not is_site:
        return found
    try:
        return [*found, *_others(config, overlay)]
    except MapErrors as err:  # of the site file; the map's are told already
        known = set(draft.errors)
        return [*found, *(_unreadable(one) for one in err.errors if one not in known)]
    except SettingsError as err:
        return [*found, *map(_told, err.problems)]


def _laid_over(overlay: Path) -> dict[str, Any]:
    from gateway.settings import SettingsError, read_overlay

    try:
        return read_overlay(overlay).connections
    except SettingsError:
        return {}  # said with the rest of the site


def _others(config: Path, overlay: Path | None) -> Iterator[Finding]:
    """Raises MapErrors, SettingsError."""
    from gateway.csvload import CsvErrors, read_items, read_stock
    from gateway.settings import load

    settings = load(config, overlay)
    try:
        items = read_items(settings.items)
        read_stock(settings.stock, settings.locations, {item.sku for item in items})
    except CsvErrors as err:
        yield from (_told(problem) for problem in err.problems)


def _unreadable(error: MapError) -> Finding:
    return Finding(error.code, "error", str(error.spot), error.text)


def _told(problem: str) -> Finding:
    """One line that begins with its file."""
    found = PLACE.match(problem)
    place, text = (found[1], problem[found.end() :]) if found else ("", problem)
    return Finding(UNREADABLE, "error", place, text)


def as_rows(findings: list[Finding]) -> list[dict[str, str]]:
    return [asdict(finding) for finding in findings]


def exit_code(findings: list[Finding]) -> int:
    """0 clean or warnings alone, 1 wrong, 2 not even readable."""
    if any(finding.code == UNREADABLE for finding in findings):
        return 2
    return int(any(finding.level == "error" for finding in findings))
